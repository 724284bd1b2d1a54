package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.List;

/**
 * Operations between devices. The members of a group hand their operands to each other, and each
 * computes its own result from all of them.
 */
final class CollectiveEvaluation {
  private final HloInstruction x;
  private final List<Object> in;
  private final HloEvaluator evaluator;
  private final LogicalDevice device;

  private CollectiveEvaluation(HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    this.x = x;
    this.in = in;
    this.evaluator = evaluator;
    this.device = evaluator.device();
  }

  static Object evaluate(
      CollectiveOp op, HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    CollectiveEvaluation e = new CollectiveEvaluation(x, in, evaluator);
    return switch (op) {
      case CollectiveOp.AllReduce reduce ->
          e.allReduce(reduce.reducer(), DeviceGroup.ofReduction(x, reduce.groups(), e.device));
      case CollectiveOp.AllGather gather ->
          e.allGather(gather, DeviceGroup.ofReduction(x, gather.groups(), e.device));
      case CollectiveOp.ReduceScatter scatter ->
          e.reduceScatter(scatter, DeviceGroup.ofReduction(x, scatter.groups(), e.device));
      case CollectiveOp.AllToAll exchange ->
          e.allToAll(
              exchange.splitDimension(), DeviceGroup.ofExchange(x, exchange.groups(), e.device));
      case CollectiveOp.CollectivePermute permute -> e.permute(permute);
      case CollectiveOp.CollectiveBroadcast broadcast ->
          e.broadcast(DeviceGroup.ofExchange(x, broadcast.groups(), e.device));
      case CollectiveOp.PartitionId _ -> number(e.device.partition());
      case CollectiveOp.ReplicaId _ -> number(e.device.replica());
    };
  }

  private static ArrayValue number(int value) {
    ArrayValue out = ArrayValue.zeros(ArrayShape.scalar(DType.U32));
    out.set(0, (long) value);
    return out;
  }

  /** Returns operand k of each member, for each k. */
  private List<List<ArrayValue>> exchange(DeviceGroup group) {
    List<Object> all =
        device.rendezvous().exchange(x, group.members(), group.requirePosition(x), in);
    List<List<ArrayValue>> out = new ArrayList<>();
    for (int k = 0; k < in.size(); k++) {
      List<ArrayValue> ofMembers = new ArrayList<>();
      for (Object operands : all) {
        ofMembers.add((ArrayValue) ((List<?>) operands).get(k));
      }
      out.add(ofMembers);
    }
    return out;
  }

  private Object allReduce(HloComputation reducer, DeviceGroup group) {
    List<ArrayValue> out = new ArrayList<>();
    exchange(group).forEach(parts -> out.add(reduced(reducer, parts)));
    return Values.shaped(x.shape(), out);
  }

  /** Folds the members' arrays in the order of the group; sums of floats in double. */
  private ArrayValue reduced(HloComputation reducer, List<ArrayValue> parts) {
    ScalarFunction function = new ScalarFunction(reducer, evaluator);
    ArrayShape shape = parts.getFirst().shape();
    DType type = function.accumulatorType(shape.dtype());
    ArrayValue total = ElementwiseEvaluation.convert(type, parts.getFirst()).copy();
    for (ArrayValue part : parts.subList(1, parts.size())) {
      for (int i = 0; i < total.count(); i++) {
        function.combine(List.of(total), i, List.of(part), i);
      }
    }
    return ElementwiseEvaluation.convert(shape.dtype(), total);
  }

  private Object allGather(CollectiveOp.AllGather op, DeviceGroup group) {
    requireMembers(op.shardCount(), group);
    List<ArrayValue> out = new ArrayList<>();
    for (List<ArrayValue> parts : exchange(group)) {
      out.add(joined(op.dimension(), parts));
    }
    return Values.shaped(x.shape(), out);
  }

  private Object reduceScatter(CollectiveOp.ReduceScatter op, DeviceGroup group) {
    requireMembers(op.shardCount(), group);
    List<ArrayValue> out = new ArrayList<>();
    for (List<ArrayValue> parts : exchange(group)) {
      ArrayValue all = reduced(op.reducer(), parts);
      out.add(part(all, op.dimension(), group.requirePosition(x), parts.size()));
    }
    return Values.shaped(x.shape(), out);
  }

  private Object allToAll(int splitDimension, DeviceGroup group) {
    int position = group.requirePosition(x);
    int members = group.members().size();
    if (splitDimension < 0) {
      requireMembers(in.size(), group);
    } else if (x.operand(0).arrayShape().dim(splitDimension) % members != 0) {
      throw new UnsupportedException(
          x + " splits dimension " + splitDimension + " among a group of " + members);
    }
    List<List<ArrayValue>> operands = exchange(group);
    if (splitDimension < 0) {
      // Operand k of each member is meant for member k.
      return Values.shaped(x.shape(), operands.get(position));
    }
    List<ArrayValue> out = new ArrayList<>();
    for (List<ArrayValue> arrays : operands) {
      List<ArrayValue> mine = new ArrayList<>();
      arrays.forEach(array -> mine.add(part(array, splitDimension, position, arrays.size())));
      out.add(joined(splitDimension, mine));
    }
    return Values.shaped(x.shape(), out);
  }

  private void requireMembers(int expected, DeviceGroup group) {
    if (group.members().size() != expected) {
      throw new UnsupportedException(
          "%s is made for groups of %d devices, this run has groups of %d"
              .formatted(x, expected, group.members().size()));
    }
  }

  private Object permute(CollectiveOp.CollectivePermute op) {
    DeviceGroup all = DeviceGroup.ofPermutation(op.channelId() != 0, device);
    DeviceGroup.requireIds(x, op.sourceTargetPairs(), all.members().size());
    List<List<ArrayValue>> operands = exchange(all);
    for (Dims pair : op.sourceTargetPairs()) {
      if (pair.get(1) == all.requirePosition(x)) {
        List<ArrayValue> received = new ArrayList<>();
        operands.forEach(ofMembers -> received.add(ofMembers.get(pair.get(0))));
        return Values.shaped(x.shape(), received);
      }
    }
    return zeros();
  }

  private Object broadcast(DeviceGroup group) {
    if (group.position() < 0) {
      return zeros();
    }
    List<ArrayValue> out = new ArrayList<>();
    exchange(group).forEach(ofMembers -> out.add(ofMembers.getFirst()));
    return Values.shaped(x.shape(), out);
  }

  private Object zeros() {
    List<ArrayValue> out = new ArrayList<>();
    for (Shape shape : Values.elements(x.shape())) {
      out.add(ArrayValue.zeros(shape.asArray()));
    }
    return Values.shaped(x.shape(), out);
  }

  private static ArrayValue joined(int dimension, List<ArrayValue> parts) {
    int[] dims = parts.getFirst().shape().dims().toArray();
    dims[dimension] = parts.stream().mapToInt(part -> part.shape().dim(dimension)).sum();
    ArrayShape shape = parts.getFirst().shape().withDims(Dims.of(dims));
    return LayoutEvaluation.concatenate(new HloOp.Concatenate(dimension), shape, parts);
  }

  private static ArrayValue part(ArrayValue array, int dimension, int index, int count) {
    Dims dims = array.shape().dims();
    int size = dims.get(dimension) / count;
    int[] start = new int[dims.size()];
    int[] limit = dims.toArray();
    start[dimension] = index * size;
    limit[dimension] = (index + 1) * size;
    int[] kept = dims.toArray();
    kept[dimension] = size;
    HloOp.Slice op = new HloOp.Slice(Dims.of(start), Dims.of(limit), Dims.filled(dims.size(), 1));
    return LayoutEvaluation.slice(op, array.shape().withDims(Dims.of(kept)), array);
  }
}
