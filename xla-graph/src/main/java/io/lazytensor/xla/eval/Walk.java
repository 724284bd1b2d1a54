package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.Dims;
import java.util.function.ObjIntConsumer;

/** Walks the multi-dimensional indices of an array in row-major order. */
final class Walk {
  private Walk() {}

  /** Calls a visitor with each index and its position; the index array is reused. */
  static void over(Dims dims, ObjIntConsumer<int[]> visitor) {
    int count = Math.toIntExact(dims.product());
    int[] index = new int[dims.size()];
    for (int position = 0; position < count; position++) {
      visitor.accept(index, position);
      for (int d = index.length - 1; d >= 0; d--) {
        index[d]++;
        if (index[d] < dims.get(d)) {
          break;
        }
        index[d] = 0;
      }
    }
  }

  /** Returns the row-major position of an index. */
  static int position(Dims dims, int[] index) {
    int position = 0;
    for (int d = 0; d < index.length; d++) {
      position = position * dims.get(d) + index[d];
    }
    return position;
  }
}
