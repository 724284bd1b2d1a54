package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** Where the elements of a window lie in an array, at each place of the window. */
final class WindowPlaces {
  private static final int MOST = Integer.MAX_VALUE / 2 - 8;

  private final Window window;
  private final Dims dims;
  private final int[][] table;
  private final Dims sizes;

  /**
   * Creates the places of a window.
   *
   * @param dims the array's sizes along the window's dimensions
   * @param places how many places there are along each
   * @throws UnsupportedException if the elements at all places are too many to list
   */
  WindowPlaces(Window window, Dims dims, Dims places) {
    this.window = window;
    this.dims = dims;
    this.sizes = Dims.of(window.dimensions().stream().mapToInt(WindowDimension::size).toArray());
    requireSize(sizes.product(), window);
    this.table = new int[window.rank()][];
    for (int d = 0; d < table.length; d++) {
      table[d] = along(window.get(d), dims.get(d), places.get(d));
    }
  }

  private static void requireSize(long elements, Object window) {
    if (elements > MOST) {
      throw new UnsupportedException(
          "a window of %s elements at all its places is too large for the evaluator: %s"
              .formatted(elements, window));
    }
  }

  /** Returns for each place and each element of the window the array's index, or -1. */
  private static int[] along(WindowDimension w, int size, int places) {
    requireSize(Math.multiplyFull(places, w.size()), w);
    int[] out = new int[places * w.size()];
    for (int place = 0; place < places; place++) {
      for (int k = 0; k < w.size(); k++) {
        int element = w.reversal() ? w.size() - 1 - k : k;
        long at = (long) place * w.stride() + (long) element * w.windowDilation() - w.paddingLow();
        boolean hit = at >= 0 && at % w.baseDilation() == 0 && at / w.baseDilation() < size;
        out[place * w.size() + k] = hit ? (int) (at / w.baseDilation()) : -1;
      }
    }
    return out;
  }

  /**
   * Returns pairs (row-major position in the array, row-major position in the window) of the
   * window's elements that lie on elements of the array, in row-major order of the window.
   */
  int[] pairs(int[] place) {
    int[] out = new int[2 * (int) sizes.product()];
    int[] count = {0};
    Walk.over(
        sizes,
        (index, k) -> {
          int position = 0;
          for (int d = 0; d < index.length; d++) {
            int at = table[d][place[d] * window.get(d).size() + index[d]];
            if (at < 0) {
              return;
            }
            position = position * dims.get(d) + at;
          }
          out[count[0]++] = position;
          out[count[0]++] = k;
        });
    return Arrays.copyOf(out, count[0]);
  }

  /** Calls a visitor with the position of each of the array's elements under the window. */
  void over(int[] place, IntConsumer visitor) {
    int[] pairs = pairs(place);
    for (int i = 0; i < pairs.length; i += 2) {
      visitor.accept(pairs[i]);
    }
  }
}
