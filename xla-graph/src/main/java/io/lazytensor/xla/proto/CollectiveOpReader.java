package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.List;

/** Operations between devices. */
final class CollectiveOpReader {
  private CollectiveOpReader() {}

  static HloOp allReduce(InstructionProto in) {
    return new CollectiveOp.AllReduce(in.calledAlone(), groups(in));
  }

  static HloOp allToAll(InstructionProto in) {
    return new CollectiveOp.AllToAll(
        in.list(DIMENSIONS).isEmpty() ? -1 : in.dimension(), groups(in));
  }

  static HloOp broadcast(InstructionProto in) {
    return new CollectiveOp.CollectiveBroadcast(groups(in));
  }

  static HloOp allGather(InstructionProto in) {
    int dimension = in.dimension();
    ReplicaGroups groups = groups(in);
    int shards = shardCount(in, groups, firstArray(in), in.operandArray(0), dimension);
    return new CollectiveOp.AllGather(dimension, shards, groups);
  }

  static HloOp reduceScatter(InstructionProto in) {
    int dimension = in.dimension();
    ReplicaGroups groups = groups(in);
    int shards = shardCount(in, groups, in.operandArray(0), firstArray(in), dimension);
    return new CollectiveOp.ReduceScatter(dimension, shards, in.calledAlone(), groups);
  }

  private static ArrayShape firstArray(InstructionProto in) {
    Shape shape =
        in.shape() instanceof TupleShape(List<Shape> elements) && !elements.isEmpty()
            ? elements.get(0)
            : in.shape();
    if (shape instanceof ArrayShape array) {
      return array;
    }
    throw in.broken("has the shape " + in.shape() + "; arrays are expected");
  }

  /** Returns how many members' parts make the whole: the size of a group, or the sizes' ratio. */
  private static int shardCount(
      InstructionProto in, ReplicaGroups groups, ArrayShape whole, ArrayShape part, int dimension) {
    if (dimension < 0 || dimension >= whole.rank() || dimension >= part.rank()) {
      throw in.broken("has no dimension " + dimension);
    }
    if (part.dim(dimension) == 0) {
      return groups.groups().isEmpty() ? 1 : groups.groups().get(0).size();
    }
    return whole.dim(dimension) / part.dim(dimension);
  }

  static HloOp permute(InstructionProto in) {
    if (in.operands().size() > 1 || in.ids(DYNAMIC_SLICE_SIZES).size() > 0) {
      throw in.unsupported("several operands, or one updated in place, are");
    }
    List<Dims> pairs =
        in.repeated(SOURCE_TARGET_PAIRS).stream()
            .map(m -> NumberMessage.read(m, "SourceTarget", 1, 2))
            .map(pair -> Dims.of(pair.number(1), pair.number(2)))
            .toList();
    return new CollectiveOp.CollectivePermute(pairs, Math.max(0, in.int64(CHANNEL_ID)));
  }

  private static ReplicaGroups groups(InstructionProto in) {
    long channel = Math.max(0, in.int64(CHANNEL_ID));
    long allReduceId = Math.max(0, in.int64(ALL_REDUCE_ID));
    if (channel > 0 && allReduceId > 0) {
      throw in.broken("has a channel id and an all-reduce id");
    }
    return new ReplicaGroups(
        DeviceLists.read(in), Math.max(channel, allReduceId), in.bool(USE_GLOBAL_DEVICE_IDS));
  }
}
