package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;

/** Operations that move a window over arrays. */
final class WindowEvaluation {
  private WindowEvaluation() {}

  static Object evaluate(WindowOp op, HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    return switch (op) {
      case WindowOp.Convolution convolution ->
          Convolution.evaluate(
              convolution, x.arrayShape(), Values.array(in, 0), Values.array(in, 1));
      case WindowOp.ReduceWindow reduce -> reduceWindow(reduce, x.shape(), in, evaluator);
      case WindowOp.SelectAndScatter select ->
          selectAndScatter(
              select, Values.array(in, 0), Values.array(in, 1), Values.array(in, 2), evaluator);
    };
  }

  /** Folds from the initial values in row-major order; padding and holes are left out. */
  private static Object reduceWindow(
      WindowOp.ReduceWindow op, Shape shape, List<Object> in, HloEvaluator evaluator) {
    int n = in.size() / 2;
    List<ArrayValue> arrays = Values.arrays(in, 0, n);
    List<Shape> shapes = Values.elements(shape);
    ScalarFunction reducer = new ScalarFunction(op.reducer(), evaluator);
    List<ArrayValue> out = new ArrayList<>(n);
    for (int k = 0; k < n; k++) {
      out.add(reducer.accumulator(shapes.get(k).asArray(), Values.array(in, n + k)));
    }
    ArrayShape first = shapes.getFirst().asArray();
    WindowPlaces places =
        new WindowPlaces(op.window(), arrays.getFirst().shape().dims(), first.dims());
    Walk.over(
        first.dims(),
        (place, i) -> places.over(place, position -> reducer.combine(out, i, arrays, position)));
    for (int k = 0; k < n; k++) {
      out.set(k, ElementwiseEvaluation.convert(shapes.get(k).asArray().dtype(), out.get(k)));
    }
    return Values.shaped(shape, out);
  }

  /** Combines each source element into the element its window selects; padding is no candidate. */
  private static ArrayValue selectAndScatter(
      WindowOp.SelectAndScatter op,
      ArrayValue x,
      ArrayValue source,
      ArrayValue initial,
      HloEvaluator evaluator) {
    ScalarPredicate select = new ScalarPredicate(op.select(), evaluator);
    ScalarFunction scatter = new ScalarFunction(op.scatter(), evaluator);
    List<ArrayValue> candidates = List.of(x);
    List<ArrayValue> sources = List.of(source);
    List<ArrayValue> out = List.of(scatter.accumulator(x.shape(), initial));
    WindowPlaces places = new WindowPlaces(op.window(), x.shape().dims(), source.shape().dims());
    Walk.over(
        source.shape().dims(),
        (place, i) -> {
          int[] selected = {-1};
          places.over(
              place,
              candidate -> {
                if (selected[0] < 0 || !select.test(candidates, selected[0], candidate)) {
                  selected[0] = candidate;
                }
              });
          if (selected[0] >= 0) {
            scatter.combine(out, selected[0], sources, i);
          }
        });
    return ElementwiseEvaluation.convert(x.dtype(), out.getFirst());
  }
}
