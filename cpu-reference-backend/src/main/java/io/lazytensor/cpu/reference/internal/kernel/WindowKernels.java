package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import java.util.List;

/** Slices at computed places, and reversal: copies of windows. */
public final class WindowKernels {
  private WindowKernels() {}

  /** Returns a start index clamped so that a window fits. */
  static long clampStart(DType dtype, long lane, long max) {
    if (dtype == DType.U64 && lane < 0) {
      return max;
    }
    return Math.min(Math.max(lane, 0), max);
  }

  /** Reverses dimensions. */
  public static Kernel reverse(Location from, Dims dimensions, Location to) {
    long[] strides = from.strides().clone();
    long start = 0;
    for (int i = 0; i < dimensions.size(); i++) {
      int d = dimensions.get(i);
      start += (from.sizes()[d] - 1) * strides[d];
      strides[d] = -strides[d];
    }
    int bytes = from.dtype().byteSize();
    StridedCopy copy = new StridedCopy(from.sizes(), strides, to.strides(), bytes);
    long first = from.byteOffset() + start * bytes;
    return () -> copy.copy(from.segment(), first, to.segment(), to.byteOffset());
  }

  /** Reads a window. */
  public static Kernel dynamicSlice(Location from, List<Location> starts, Location to) {
    int bytes = from.dtype().byteSize();
    StridedCopy copy = new StridedCopy(to.sizes(), from.strides(), to.strides(), bytes);
    return () ->
        copy.copy(
            from.segment(), windowByte(from, starts, to.sizes()), to.segment(), to.byteOffset());
  }

  /** Writes a window into {@code to}, which holds the operand already. */
  public static Kernel dynamicUpdateSlice(Location update, List<Location> starts, Location to) {
    int bytes = to.dtype().byteSize();
    StridedCopy copy = new StridedCopy(update.sizes(), update.strides(), to.strides(), bytes);
    return () ->
        copy.copy(
            update.segment(),
            update.byteOffset(),
            to.segment(),
            windowByte(to, starts, update.sizes()));
  }

  private static long windowByte(Location array, List<Location> starts, long[] window) {
    long offset = 0;
    for (int d = 0; d < window.length; d++) {
      Location start = starts.get(d);
      offset +=
          clampStart(start.dtype(), start.readScalar(), array.sizes()[d] - window[d])
              * array.strides()[d];
    }
    return array.byteOffset() + offset * array.dtype().byteSize();
  }
}
