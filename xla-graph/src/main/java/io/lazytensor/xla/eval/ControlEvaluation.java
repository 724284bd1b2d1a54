package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.ArrayList;
import java.util.List;

/** Operations that decide what is computed, how often and in which order. */
final class ControlEvaluation {
  private ControlEvaluation() {}

  static Object evaluate(ControlOp op, HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    return switch (op) {
      case ControlOp.While loop -> repeat(loop, in.getFirst(), evaluator);
      case ControlOp.Conditional conditional -> {
        int branch = branch(conditional, Values.array(in, 0));
        yield evaluator.run(conditional.branches().get(branch), List.of(in.get(branch + 1)));
      }
      case ControlOp.Scan scan -> scan(scan, x.shape(), in, evaluator);
      case ControlOp.Map map -> map(map, x.arrayShape(), in, evaluator);
      case ControlOp.Fusion fusion -> evaluator.run(fusion.computation(), in);
      case ControlOp.OptimizationBarrier _ -> in.size() == 1 ? in.getFirst() : in;
      case ControlOp.AfterAll _ -> Token.TOKEN;
      case ControlOp.AddDependency _ -> in.getFirst();
      case ControlOp.CustomCall call -> evaluator.customCalls().run(call, x, in, evaluator);
    };
  }

  private static Object repeat(ControlOp.While op, Object initial, HloEvaluator evaluator) {
    Object state = initial;
    while (((ArrayValue) evaluator.run(op.condition(), List.of(state))).truth(0)) {
      evaluator.device().checkPeers();
      // A loop may never end by itself.
      if (Thread.currentThread().isInterrupted()) {
        throw new DeviceException("the evaluation was interrupted in a while loop");
      }
      state = evaluator.run(op.body(), List.of(state));
    }
    return state;
  }

  private static int branch(ControlOp.Conditional op, ArrayValue index) {
    if (index.dtype() == DType.PRED) {
      return index.truth(0) ? 0 : 1;
    }
    int last = op.branches().size() - 1;
    long value = index.integer(0);
    return value < 0 || value > last ? last : (int) value;
  }

  private static ArrayValue map(
      ControlOp.Map op, ArrayShape shape, List<Object> in, HloEvaluator evaluator) {
    ArrayValue out = ArrayValue.zeros(shape);
    List<ArrayValue> arrays = Values.arrays(in, 0, in.size());
    for (int i = 0; i < out.count(); i++) {
      List<Object> elements = new ArrayList<>(arrays.size());
      for (ArrayValue array : arrays) {
        elements.add(array.element(i));
      }
      out.copy(i, (ArrayValue) evaluator.run(op.computation(), elements), 0);
    }
    return out;
  }

  /** Runs the computation on (slice…, carry…) to (result…, carry…), slice after slice. */
  private static Object scan(
      ControlOp.Scan op, Shape shape, List<Object> in, HloEvaluator evaluator) {
    int inputs = in.size() - op.carries();
    List<Shape> shapes = Values.elements(shape);
    int results = shapes.size() - op.carries();
    List<ArrayValue> arrays = Values.arrays(in, 0, inputs);
    List<Object> carries = new ArrayList<>(in.subList(inputs, in.size()));
    List<ArrayValue> stacked = new ArrayList<>();
    for (Shape result : shapes.subList(0, results)) {
      stacked.add(ArrayValue.zeros(result.asArray()));
    }
    int length = arrays.getFirst().shape().dim(op.dimension());
    for (int step = 0; step < length; step++) {
      int at = op.reverse() ? length - 1 - step : step;
      List<Object> arguments = new ArrayList<>(in.size());
      arrays.forEach(array -> arguments.add(slice(array, op.dimension(), at)));
      arguments.addAll(carries);
      evaluator.device().checkPeers();
      Object value = evaluator.run(op.computation(), arguments);
      List<?> values = value instanceof List<?> tuple ? tuple : List.of(value);
      for (int k = 0; k < results; k++) {
        unslice(stacked.get(k), op.dimension(), at, (ArrayValue) values.get(k));
      }
      for (int k = 0; k < carries.size(); k++) {
        carries.set(k, values.get(results + k));
      }
    }
    List<Object> out = new ArrayList<>(stacked);
    out.addAll(carries);
    return shape instanceof TupleShape ? out : out.getFirst();
  }

  private static ArrayValue slice(ArrayValue x, int dimension, int at) {
    Dims dims = x.shape().dims();
    int[] start = new int[dims.size()];
    int[] limit = dims.toArray();
    start[dimension] = at;
    limit[dimension] = at + 1;
    int[] kept = limit.clone();
    kept[dimension] = 1;
    HloOp.Slice op = new HloOp.Slice(Dims.of(start), Dims.of(limit), Dims.filled(dims.size(), 1));
    ArrayValue slice = LayoutEvaluation.slice(op, x.shape().withDims(Dims.of(kept)), x);
    return slice.withShape(x.shape().withDims(without(dims, dimension)));
  }

  private static Dims without(Dims dims, int dimension) {
    int[] out = new int[dims.size() - 1];
    for (int d = 0; d < out.length; d++) {
      out[d] = dims.get(d < dimension ? d : d + 1);
    }
    return Dims.of(out);
  }

  private static void unslice(ArrayValue into, int dimension, int at, ArrayValue slice) {
    Dims dims = into.shape().dims();
    int stride = 1;
    for (int d = dimension + 1; d < dims.size(); d++) {
      stride *= dims.get(d);
    }
    for (int i = 0; i < slice.count(); i++) {
      into.copy((i / stride * dims.get(dimension) + at) * stride + i % stride, slice, i);
    }
  }
}
