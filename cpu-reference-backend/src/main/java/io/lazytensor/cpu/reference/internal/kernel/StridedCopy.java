package io.lazytensor.cpu.reference.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Copies elements between strided arrays of one element size; contiguous runs in one go. */
final class StridedCopy {
  private final Odometer outer;
  private final int elementBytes;
  private final long runBytes;

  StridedCopy(long[] sizes, long[] fromStrides, long[] toStrides, int elementBytes) {
    int d = sizes.length;
    long run = 1;
    while (d > 0 && (sizes[d - 1] == 1 || (fromStrides[d - 1] == run && toStrides[d - 1] == run))) {
      run *= sizes[d - 1];
      d--;
    }
    this.outer =
        new Odometer(
            Arrays.copyOf(sizes, run == 0 ? sizes.length : d),
            Arrays.copyOf(fromStrides, d),
            Arrays.copyOf(toStrides, d));
    this.elementBytes = elementBytes;
    this.runBytes = run * elementBytes;
  }

  void copy(MemorySegment from, long fromByte, MemorySegment to, long toByte) {
    if (runBytes == 0 || !outer.reset()) {
      return;
    }
    do {
      MemorySegment.copy(
          from,
          fromByte + outer.offset(0) * elementBytes,
          to,
          toByte + outer.offset(1) * elementBytes,
          runBytes);
    } while (outer.next());
  }
}
