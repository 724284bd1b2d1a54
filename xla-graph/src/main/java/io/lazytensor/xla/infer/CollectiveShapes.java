package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.dimension;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** Shapes of operations between devices, and what their groups must keep by themselves. */
final class CollectiveShapes {
  private CollectiveShapes() {}

  static Shape infer(CollectiveOp op, List<Shape> operands) {
    return switch (op) {
      case CollectiveOp.AllReduce(HloComputation reducer, ReplicaGroups groups) -> {
        requireDistinct(op, groups);
        requireReducer(op, operands, reducer);
        yield tupleOrOne(operands);
      }
      case CollectiveOp.AllGather(int d, int shards, ReplicaGroups groups) -> {
        requireShards(op, groups, shards);
        yield resized(op, operands, d, size -> dimension(op, Math.multiplyFull(size, shards)));
      }
      case CollectiveOp.ReduceScatter scatter -> reduceScatter(scatter, operands);
      case CollectiveOp.AllToAll(int d, ReplicaGroups groups) -> allToAll(op, operands, d, groups);
      case CollectiveOp.CollectivePermute(List<Dims> pairs, long channel) -> {
        requireDistinct(op, new ReplicaGroups(List.of(), channel, false));
        requirePairs(pairs);
        arrays(op, operands);
        yield tupleOrOne(operands);
      }
      case CollectiveOp.CollectiveBroadcast(ReplicaGroups groups) -> {
        count(op, operands, 1);
        requireDistinct(op, groups);
        yield array(op, operands, 0);
      }
      case CollectiveOp.PartitionId _, CollectiveOp.ReplicaId _ -> {
        count(op, operands, 0);
        yield ArrayShape.scalar(DType.U32);
      }
    };
  }

  private static void arrays(HloOp op, List<Shape> operands) {
    require(!operands.isEmpty(), "%s takes at least one array", op.opcode());
    for (int i = 0; i < operands.size(); i++) {
      array(op, operands, i);
    }
  }

  private static Shape tupleOrOne(List<Shape> shapes) {
    return shapes.size() == 1 ? shapes.getFirst() : new TupleShape(shapes);
  }

  private static void requireReducer(HloOp op, List<Shape> operands, HloComputation reducer) {
    arrays(op, operands);
    for (Shape x : operands) {
      ContractShapes.requireReducer(op, reducer, List.of(x));
    }
  }

  private static Shape reduceScatter(CollectiveOp.ReduceScatter op, List<Shape> operands) {
    requireShards(op, op.groups(), op.shardCount());
    requireReducer(op, operands, op.reducer());
    for (int i = 0; i < operands.size(); i++) {
      ArrayShape x = array(op, operands, i);
      require(
          op.dimension() < 0
              || op.dimension() >= x.rank()
              || x.dim(op.dimension()) % op.shardCount() == 0,
          "reduce-scatter: dimension %s of %s does not divide into %s parts",
          op.dimension(),
          x,
          op.shardCount());
    }
    return resized(op, operands, op.dimension(), size -> size / op.shardCount());
  }

  private static Shape resized(HloOp op, List<Shape> operands, int d, IntUnaryOperator newSize) {
    arrays(op, operands);
    List<Shape> results = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      ArrayShape x = array(op, operands, i);
      require(d >= 0 && d < x.rank(), "%s: %s has no dimension %s", op.opcode(), x, d);
      int[] dims = x.dims().toArray();
      dims[d] = newSize.applyAsInt(dims[d]);
      results.add(x.withDims(Dims.of(dims)));
    }
    return tupleOrOne(results);
  }

  private static Shape allToAll(
      CollectiveOp op, List<Shape> operands, int d, ReplicaGroups groups) {
    requireEqualSizes(op, groups);
    arrays(op, operands);
    ArrayShape first = array(op, operands, 0);
    int members = groups.groups().isEmpty() ? 0 : groups.groups().getFirst().size();
    if (d >= 0) {
      count(op, operands, 1);
      require(d < first.rank(), "all-to-all: %s has no dimension %s", first, d);
      require(
          members == 0 || first.dim(d) % members == 0,
          "all-to-all: dimension %s of %s does not divide into %s parts",
          d,
          first,
          members);
      return first;
    }
    require(d == -1, "all-to-all: there is no dimension %s; -1 stands for none", d);
    for (Shape x : operands) {
      require(x.equals(first), "all-to-all takes operands of one shape, got %s and %s", first, x);
    }
    require(
        members == 0 || operands.size() == members,
        "all-to-all in groups of %s takes as many operands, got %s",
        members,
        operands.size());
    return new TupleShape(operands);
  }

  // ---- participants -----------------------------------------------------------------------------

  /** Checks that no group is empty and that nobody takes part twice. */
  private static void requireDistinct(HloOp op, ReplicaGroups groups) {
    require(
        groups.channelId() >= 0,
        "%s: a channel is a positive number, or 0 for none, got %s",
        op.opcode(),
        groups.channelId());
    require(
        !groups.useGlobalDeviceIds() || (groups.channelId() > 0 && !groups.groups().isEmpty()),
        "%s: global device numbers need a channel and groups",
        op.opcode());
    Set<Integer> seen = new HashSet<>();
    for (Dims group : groups.groups()) {
      require(!group.isEmpty(), "%s: a group of participants is empty", op.opcode());
      for (int i = 0; i < group.size(); i++) {
        require(
            group.get(i) >= 0 && seen.add(group.get(i)),
            "%s: participant %s is negative or occurs twice in %s",
            op.opcode(),
            group.get(i),
            groups.groups());
      }
    }
  }

  private static void requireEqualSizes(HloOp op, ReplicaGroups groups) {
    requireDistinct(op, groups);
    for (Dims group : groups.groups()) {
      require(
          group.size() == groups.groups().getFirst().size(),
          "%s takes groups of one size, got %s",
          op.opcode(),
          groups.groups());
    }
  }

  private static void requireShards(HloOp op, ReplicaGroups groups, int shards) {
    requireEqualSizes(op, groups);
    int members = groups.groups().isEmpty() ? 1 : groups.groups().getFirst().size();
    // A channel without global numbers multiplies each group by the partitions.
    boolean all = groups.channelId() == 0 || groups.useGlobalDeviceIds();
    require(
        shards >= 1
            && (groups.groups().isEmpty() || (all ? shards == members : shards % members == 0)),
        "%s over %s parts takes groups of as many, got %s",
        op.opcode(),
        shards,
        groups.groups());
  }

  private static void requirePairs(List<Dims> pairs) {
    Set<Integer> sources = new HashSet<>();
    Set<Integer> targets = new HashSet<>();
    for (Dims pair : pairs) {
      require(
          pair.size() == 2 && pair.get(0) >= 0 && pair.get(1) >= 0,
          "collective-permute takes pairs of a source and a target, got {%s}",
          pair);
      require(
          sources.add(pair.get(0)) && targets.add(pair.get(1)),
          "collective-permute: a source or a target of {%s} occurs in an earlier pair",
          pair);
    }
  }
}
