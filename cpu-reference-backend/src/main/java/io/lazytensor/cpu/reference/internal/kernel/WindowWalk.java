package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;

/** Walks the elements of a window at a place, and finds them in the array below. */
final class WindowWalk {
  private final Window window;
  private final long[] sizes;
  private final Odometer inside;

  /** Walks a window over an array of the given sizes. */
  WindowWalk(Window window, long[] sizes) {
    this.window = window;
    this.sizes = sizes;
    this.inside =
        new Odometer(window.dimensions().stream().mapToLong(WindowDimension::size).toArray());
  }

  boolean reset() {
    return inside.reset();
  }

  boolean next() {
    return inside.next();
  }

  /** Returns the row-major number of the array's element here, or -1 for padding and holes. */
  long element(Odometer place) {
    long number = 0;
    for (int d = 0; d < sizes.length; d++) {
      WindowDimension w = window.get(d);
      long within = w.reversal() ? w.size() - 1 - inside.index(d) : inside.index(d);
      long dilated = place.index(d) * w.stride() + within * w.windowDilation() - w.paddingLow();
      if (dilated < 0
          || dilated % w.baseDilation() != 0
          || dilated / w.baseDilation() >= sizes[d]) {
        return -1;
      }
      number = number * sizes[d] + dilated / w.baseDilation();
    }
    return number;
  }

  /**
   * Returns the offset of an element, given by its row-major number, in an array of any strides.
   */
  static long offset(Location array, long number) {
    long rest = number;
    long offset = 0;
    for (int d = array.sizes().length - 1; d >= 0; d--) {
      offset += rest % array.sizes()[d] * array.strides()[d];
      rest /= array.sizes()[d];
    }
    return offset;
  }
}
