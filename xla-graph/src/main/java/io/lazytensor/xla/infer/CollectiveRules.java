package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.ReplicaGroups;
import java.util.List;

/**
 * What collectives must keep towards the devices of their module. A module that says it is for one
 * device may be run on more: then only the groups themselves are checked.
 *
 * <p>Source: XLA {@code xla/service/hlo_verifier.cc}, {@code CheckReplicaGroups}, and {@code
 * collective_ops_utils.cc}, {@code GetSubgroupSize}.
 */
final class CollectiveRules {
  private final int replicas;
  private final int partitions;

  CollectiveRules(HloModule module) {
    this.replicas = module.replicas();
    this.partitions = module.partitions();
  }

  /** Checks one operation, whose shapes already fit. */
  void check(CollectiveOp op, HloInstruction x) {
    switch (op) {
      case CollectiveOp.AllReduce(HloComputation _, ReplicaGroups groups) ->
          requireAll(op, groups, reducing(groups));
      case CollectiveOp.AllGather(int _, int shards, ReplicaGroups groups) -> {
        requireAll(op, groups, reducing(groups));
        requireShards(op, groups, shards);
      }
      case CollectiveOp.ReduceScatter(
              int _,
              int shards,
              HloComputation _,
              ReplicaGroups groups) -> {
        requireAll(op, groups, reducing(groups));
        requireShards(op, groups, shards);
      }
      case CollectiveOp.AllToAll(int dimension, ReplicaGroups groups) -> {
        requireAll(op, groups, moving(groups.channelId()));
        requireParts(op, groups, dimension, x);
      }
      case CollectiveOp.CollectivePermute(List<Dims> pairs, long channel) ->
          pairs.forEach(pair -> requireWithin(op, pair, moving(channel)));
      case CollectiveOp.CollectiveBroadcast(ReplicaGroups groups) ->
          groups.groups().forEach(g -> requireWithin(op, g, moving(groups.channelId())));
      case CollectiveOp.PartitionId _, CollectiveOp.ReplicaId _ -> {}
    }
  }

  /** Returns how many numbers the groups of an operation that combines values run over. */
  private int reducing(ReplicaGroups groups) {
    return groups.useGlobalDeviceIds() ? replicas * partitions : replicas;
  }

  /** Returns how many numbers the groups of an operation that moves values run over. */
  private int moving(long channelId) {
    return channelId > 0 ? partitions : replicas;
  }

  private static void requireAll(CollectiveOp op, ReplicaGroups groups, int participants) {
    int named = groups.groups().stream().mapToInt(Dims::size).sum();
    if (named == 0) {
      return;
    }
    groups.groups().forEach(group -> requireWithin(op, group, named));
    ShapeInference.require(
        participants == 1 || named == participants,
        "%s: the groups of %s participants must name each once, got %s",
        op.opcode(),
        participants,
        groups.groups());
  }

  private static void requireWithin(CollectiveOp op, Dims numbers, int participants) {
    for (int i = 0; i < numbers.size(); i++) {
      ShapeInference.require(
          participants == 1 || numbers.get(i) < participants,
          "%s: there is no participant %s, only 0 to %s",
          op.opcode(),
          numbers.get(i),
          participants - 1);
    }
  }

  private void requireShards(CollectiveOp op, ReplicaGroups groups, int shards) {
    long members = groups.groups().isEmpty() ? replicas : groups.groups().getFirst().size();
    if (groups.channelId() > 0 && !groups.useGlobalDeviceIds()) {
      members *= partitions;
    }
    ShapeInference.require(
        members == 1 || shards == members,
        "%s over %s parts has groups of %s members",
        op.opcode(),
        shards,
        members);
  }

  private void requireParts(CollectiveOp op, ReplicaGroups groups, int d, HloInstruction x) {
    int members =
        groups.groups().isEmpty() ? moving(groups.channelId()) : groups.groups().getFirst().size();
    if (d >= 0) {
      ShapeInference.require(
          x.arrayShape().dim(d) % members == 0,
          "all-to-all: dimension %s of %s does not divide into %s parts",
          d,
          x.shape(),
          members);
    } else {
      ShapeInference.require(
          x.operands().size() == members,
          "all-to-all in groups of %s takes as many operands, got %s",
          members,
          x.operands().size());
    }
  }
}
