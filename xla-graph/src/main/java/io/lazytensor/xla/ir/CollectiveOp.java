package io.lazytensor.xla.ir;

import java.util.List;

/** Operations between the devices that run one module. */
public sealed interface CollectiveOp extends HloOp {
  /**
   * Combines each operand with those of the others in the group. Several operands give a tuple.
   *
   * @param reducer of two scalars
   * @param groups who takes part
   */
  record AllReduce(HloComputation reducer, ReplicaGroups groups) implements CollectiveOp {
    @Override
    public List<HloComputation> called() {
      return List.of(reducer);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.ALL_REDUCE;
    }
  }

  /**
   * Joins the operands of a group along a dimension. Several operands give a tuple.
   *
   * @param dimension which
   * @param shardCount members of a group
   * @param groups who takes part
   */
  record AllGather(int dimension, int shardCount, ReplicaGroups groups) implements CollectiveOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.ALL_GATHER;
    }
  }

  /**
   * Combines the operands of a group, and leaves each member one part. Several operands give a
   * tuple.
   *
   * @param dimension the dimension that is split
   * @param shardCount members of a group
   * @param reducer of two scalars
   * @param groups who takes part
   */
  record ReduceScatter(int dimension, int shardCount, HloComputation reducer, ReplicaGroups groups)
      implements CollectiveOp {
    @Override
    public List<HloComputation> called() {
      return List.of(reducer);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.REDUCE_SCATTER;
    }
  }

  /**
   * Sends part i to member i of the group, and joins what arrives. With a split dimension there is
   * one operand whose parts lie along it; without, operand i is part i, and the result is a tuple.
   *
   * @param splitDimension the dimension, or -1
   * @param groups who takes part
   */
  record AllToAll(int splitDimension, ReplicaGroups groups) implements CollectiveOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.ALL_TO_ALL;
    }
  }

  /**
   * Sends the operand from one device to another; who receives nothing gets zeros.
   *
   * @param sourceTargetPairs pairs (source, target)
   * @param channelId identifies the operation across partitions; 0 if it only crosses replicas
   */
  record CollectivePermute(List<Dims> sourceTargetPairs, long channelId) implements CollectiveOp {
    /** Copies the list. */
    public CollectivePermute {
      sourceTargetPairs = List.copyOf(sourceTargetPairs);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.COLLECTIVE_PERMUTE;
    }
  }

  /**
   * Hands the operand of a group's first member to all; who is in no group gets zeros.
   *
   * @param groups who takes part
   */
  record CollectiveBroadcast(ReplicaGroups groups) implements CollectiveOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.COLLECTIVE_BROADCAST;
    }
  }

  /** The number of this partition, a u32. */
  record PartitionId() implements CollectiveOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.PARTITION_ID;
    }
  }

  /** The number of this replica, a u32. */
  record ReplicaId() implements CollectiveOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.REPLICA_ID;
    }
  }
}
