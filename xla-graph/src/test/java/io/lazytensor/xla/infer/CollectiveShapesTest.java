package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;
import static io.lazytensor.xla.infer.Rules.u32;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.ReplicaGroups;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CollectiveShapesTest {
  private static final HloComputation SUM = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);
  private static final Dims FIRST = Dims.of(0, 1);
  private static final Dims SECOND = Dims.of(2, 3);

  private static ReplicaGroups groups(Dims... groups) {
    return new ReplicaGroups(List.of(groups), 0, false);
  }

  private static CollectiveOp sum(Dims... groups) {
    return new CollectiveOp.AllReduce(SUM, groups(groups));
  }

  private static CollectiveOp gather(int dimension, int shards, Dims... groups) {
    return new CollectiveOp.AllGather(dimension, shards, groups(groups));
  }

  private static CollectiveOp scatter(int dimension, int shards, Dims... groups) {
    return new CollectiveOp.ReduceScatter(dimension, shards, SUM, groups(groups));
  }

  private static CollectiveOp exchange(int dimension, Dims... groups) {
    return new CollectiveOp.AllToAll(dimension, groups(groups));
  }

  private static CollectiveOp permute(Dims... pairs) {
    return new CollectiveOp.CollectivePermute(List.of(pairs), 0);
  }

  static List<Rules.Refusal> participants() {
    ReplicaGroups noChannel = new ReplicaGroups(List.of(FIRST), 0, true);
    ReplicaGroups noGroups = new ReplicaGroups(List.of(), 1, true);
    ReplicaGroups badChannel = new ReplicaGroups(List.of(FIRST), -1, false);
    return List.of(
        no("is empty", sum(FIRST, Dims.of()), f32(2)),
        no("participant 0 is negative or occurs twice", sum(FIRST, Dims.of(0)), f32(2)),
        no("participant -1", sum(Dims.of(-1, 0)), f32(2)),
        no("need a channel and groups", new CollectiveOp.AllReduce(SUM, noChannel), f32(2)),
        no("need a channel and groups", new CollectiveOp.AllReduce(SUM, noGroups), f32(2)),
        no("positive number", new CollectiveOp.AllReduce(SUM, badChannel), f32(2)),
        no("groups of one size", gather(0, 2, FIRST, Dims.of(2)), f32(2)),
        no("groups of one size", scatter(0, 2, FIRST, Dims.of(2)), f32(2)),
        no("groups of one size", exchange(0, FIRST, Dims.of(2)), f32(2)),
        no("groups of as many", gather(0, 4, FIRST, SECOND), f32(2)),
        no("groups of as many", scatter(0, 4, FIRST, SECOND), f32(4)),
        no("groups of as many", gather(0, 0), f32(4)),
        no("earlier pair", permute(FIRST, Dims.of(0, 2)), f32(2)),
        no("earlier pair", permute(FIRST, Dims.of(2, 1)), f32(2)),
        no("a source and a target", permute(Dims.of(0, 1, 2)), f32(2)),
        no("a source and a target", permute(Dims.of(-1, 1)), f32(2)),
        no("positive number", new CollectiveOp.CollectivePermute(List.of(), -3), f32(2)));
  }

  static List<Rules.Refusal> shapes() {
    return List.of(
        no("at least one array", sum()),
        no("takes arrays", sum(), tuple(f32(2))),
        no("does not map pairs", sum(), s32(2)),
        no("does not map pairs", sum(), f32(2), bf16(2)),
        no("has no dimension 1", gather(1, 2), f32(2)),
        no("has no dimension -1", gather(-1, 2), f32(2)),
        no("size 4294967294", gather(0, 2), f32(Integer.MAX_VALUE)),
        no("has no dimension 1", scatter(1, 2), f32(2)),
        no("does not divide into 2 parts", scatter(0, 2), f32(3)),
        no("does not divide into 2 parts", exchange(0, FIRST), f32(3)),
        no("has no dimension 1", exchange(1), f32(2)),
        no("no dimension -2", exchange(-2), f32(2)),
        no("takes 1 operands, got 2", exchange(0, FIRST), f32(2), f32(2)),
        no("of one shape", exchange(-1, FIRST), f32(2), f32(3)),
        no("takes as many operands", exchange(-1, FIRST), f32(2), f32(2), f32(2)),
        no("takes 1 operands", new CollectiveOp.CollectiveBroadcast(groups()), f32(), f32()),
        no("takes 0 operands", new CollectiveOp.PartitionId(), f32()));
  }

  @ParameterizedTest
  @MethodSource({"participants", "shapes"})
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @Test
  void groupsOfSumsMayDiffer() {
    gives(f32(2), sum(FIRST, Dims.of(2)), f32(2));
    gives(tuple(f32(2), f32(3)), sum(), f32(2), f32(3));
  }

  @Test
  void gatheringMultipliesAndScatteringDivides() {
    gives(f32(3, 8), gather(1, 2, FIRST, SECOND), f32(3, 4));
    gives(tuple(f32(8), s32(2)), gather(0, 2), f32(4), s32(1));
    gives(f32(3, 2), scatter(1, 2, FIRST), f32(3, 4));
    gives(tuple(f32(2), f32(3)), scatter(0, 2), f32(4), f32(6));
  }

  @Test
  void aChannelMultipliesGroupsByPartitions() {
    ReplicaGroups crossing = new ReplicaGroups(List.of(FIRST), 7, false);
    gives(f32(8), new CollectiveOp.AllGather(0, 8, crossing), f32(1));
  }

  @Test
  void exchangesKeepShapes() {
    gives(f32(4, 3), exchange(0, FIRST), f32(4, 3));
    gives(tuple(f32(3), f32(3)), exchange(-1, FIRST), f32(3), f32(3));
    gives(f32(3), permute(FIRST, Dims.of(1, 0)), f32(3));
    gives(tuple(f32(3), s32(2)), permute(), f32(3), s32(2));
    gives(f32(3), new CollectiveOp.CollectiveBroadcast(groups(FIRST)), f32(3));
  }

  @Test
  void numbersOfDevicesAreUnsigned() {
    gives(u32(), new CollectiveOp.ReplicaId());
    gives(u32(), new CollectiveOp.PartitionId());
  }
}
