package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;

/** Walks the elements of a window at a place, and finds them in the dense array below. */
final class WindowWalk {
  private final Odometer inside;
  private final int[] windowSizes;

  /** For each dimension, place and element of the window: the array's index times stride, or -1. */
  private final long[][] offsets;

  /** Walks a window over a dense array of the given sizes, at so many places. */
  WindowWalk(Window window, long[] sizes, long[] places) {
    int rank = sizes.length;
    this.windowSizes = window.dimensions().stream().mapToInt(WindowDimension::size).toArray();
    this.inside =
        new Odometer(window.dimensions().stream().mapToLong(WindowDimension::size).toArray());
    this.offsets = new long[rank][];
    long stride = 1;
    for (int d = rank - 1; d >= 0; d--) {
      offsets[d] = along(window.get(d), sizes[d], Math.toIntExact(places[d]), stride);
      stride *= sizes[d];
    }
  }

  private static long[] along(WindowDimension w, long size, int places, long stride) {
    long[] out = new long[Math.multiplyExact(places, w.size())];
    for (int i = 0; i < out.length; i++) {
      long place = i / w.size();
      long k = w.reversal() ? w.size() - 1 - i % w.size() : i % w.size();
      long dilated = place * w.stride() + k * w.windowDilation() - w.paddingLow();
      boolean hit =
          dilated >= 0 && dilated % w.baseDilation() == 0 && dilated / w.baseDilation() < size;
      out[i] = hit ? dilated / w.baseDilation() * stride : -1;
    }
    return out;
  }

  boolean reset() {
    return inside.reset();
  }

  boolean next() {
    return inside.next();
  }

  /** Returns the array's element here, or -1 for padding and holes. */
  long element(Odometer place) {
    long element = 0;
    for (int d = 0; d < offsets.length; d++) {
      long offset = offsets[d][(int) (place.index(d) * windowSizes[d] + inside.index(d))];
      if (offset < 0) {
        return -1;
      }
      element += offset;
    }
    return element;
  }
}
