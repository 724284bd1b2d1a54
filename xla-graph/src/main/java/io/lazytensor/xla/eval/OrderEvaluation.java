package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/** Operations that order elements. */
final class OrderEvaluation {
  private OrderEvaluation() {}

  static Object evaluate(OrderOp op, HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    return switch (op) {
      case OrderOp.Sort sort -> {
        List<ArrayValue> arrays = Values.arrays(in, 0, in.size());
        ScalarPredicate before = new ScalarPredicate(sort.comparator(), evaluator);
        yield Values.shaped(
            x.shape(), sort(arrays, sort.dimension(), (i, j) -> before.test(arrays, i, j)));
      }
      case OrderOp.TopK topK -> topK(topK.largest(), x.shape(), Values.array(in, 0));
    };
  }

  /** Whether the element at one position comes before that at another. */
  interface Before {
    boolean test(int i, int j);
  }

  /** Sorts arrays together; always stable, as XLA's evaluator is. */
  static List<ArrayValue> sort(List<ArrayValue> arrays, int dimension, Before before) {
    Dims dims = arrays.getFirst().shape().dims();
    int length = dims.get(dimension);
    int stride = 1;
    for (int d = dimension + 1; d < dims.size(); d++) {
      stride *= dims.get(d);
    }
    List<ArrayValue> out = new ArrayList<>();
    arrays.forEach(array -> out.add(ArrayValue.zeros(array.shape())));
    int count = arrays.getFirst().count();
    for (int line = 0; length > 0 && line < count / length; line++) {
      int start = line / stride * stride * length + line % stride;
      int[] positions = new int[length];
      for (int i = 0; i < length; i++) {
        positions[i] = start + i * stride;
      }
      int[] sorted = mergeSort(positions, before);
      for (int i = 0; i < length; i++) {
        for (int k = 0; k < out.size(); k++) {
          out.get(k).copy(positions[i], arrays.get(k), sorted[i]);
        }
      }
    }
    return out;
  }

  // Own code, because the library's sort throws if a comparator contradicts itself (on NaN).
  private static int[] mergeSort(int[] positions, Before before) {
    int[] from = positions.clone();
    int[] to = new int[from.length];
    for (int width = 1; width < from.length; width *= 2) {
      for (int low = 0; low < from.length; low += 2 * width) {
        int middle = Math.min(low + width, from.length);
        int high = Math.min(middle + width, from.length);
        merge(from, low, middle, high, to, before);
      }
      int[] swap = from;
      from = to;
      to = swap;
    }
    return from;
  }

  private static void merge(int[] from, int low, int middle, int high, int[] to, Before before) {
    int left = low;
    int right = middle;
    for (int i = low; i < high; i++) {
      boolean takeRight = left == middle || (right < high && before.test(from[right], from[left]));
      to[i] = from[takeRight ? right++ : left++];
    }
  }

  /**
   * Finds the extreme elements along the last dimension. Floats are in total order, as XLA's {@code
   * TopkDecomposer} sorts them.
   *
   * @param shape the tuple (values, indices)
   */
  static List<Object> topK(boolean largest, Shape shape, ArrayValue x) {
    int last = x.shape().rank() - 1;
    return topK(
        shape,
        x,
        (i, j) -> {
          int order =
              x.isFloating()
                  ? ScalarMath.totalOrder(x.dtype(), x.bits(i), x.bits(j))
                  : ScalarMath.compare(x.dtype(), x.integer(i), x.integer(j));
          return largest ? order > 0 : order < 0;
        },
        last);
  }

  /** Takes the first elements in the order of a comparator along the last dimension. */
  static List<Object> topK(Shape shape, ArrayValue x, Before before, int last) {
    List<Shape> shapes = Values.elements(shape);
    ArrayShape valuesShape = shapes.get(0).asArray();
    ArrayValue indices = indices(x, shapes.get(1).asArray());
    int length = x.shape().dim(last);
    List<ArrayValue> sorted = sort(List.of(x, indices), last, before);
    int k = valuesShape.dim(last);
    ArrayValue values = ArrayValue.zeros(valuesShape);
    ArrayValue positions = ArrayValue.zeros(valuesShape.withDType(indices.dtype()));
    for (int i = 0; i < values.count(); i++) {
      int from = i / k * length + i % k;
      values.copy(i, sorted.get(0), from);
      positions.set(i, sorted.get(1).integer(from));
    }
    return List.of(values, positions);
  }

  /** Returns each element's index along the last dimension, in the type of a shape. */
  static ArrayValue indices(ArrayValue x, ArrayShape like) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(like.dtype()));
    int length = x.shape().dim(x.shape().rank() - 1);
    for (int i = 0; i < out.count(); i++) {
      out.set(i, (long) (i % length));
    }
    return out;
  }
}
