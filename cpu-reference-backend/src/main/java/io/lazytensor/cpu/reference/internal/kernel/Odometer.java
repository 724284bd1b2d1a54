package io.lazytensor.cpu.reference.internal.kernel;

import java.util.Arrays;

/** Walks an index space in row-major order and keeps one linear offset for each set of strides. */
final class Odometer {
  private final long[] sizes;
  private final long[][] strides;
  private final long[] index;
  private final long[] offsets;
  private final boolean empty;

  Odometer(long[] sizes, long[]... strides) {
    this.sizes = sizes;
    this.strides = strides;
    this.index = new long[sizes.length];
    this.offsets = new long[strides.length];
    this.empty = Arrays.stream(sizes).anyMatch(s -> s == 0);
  }

  /** Starts over; returns whether there is a first position. */
  boolean reset() {
    Arrays.fill(index, 0);
    Arrays.fill(offsets, 0);
    return !empty;
  }

  /** Returns the offset along one set of strides. */
  long offset(int set) {
    return offsets[set];
  }

  /** Returns one coordinate. */
  long index(int dimension) {
    return index[dimension];
  }

  /** Steps; returns whether there is a next position. */
  boolean next() {
    for (int d = sizes.length - 1; d >= 0; d--) {
      if (++index[d] < sizes[d]) {
        for (int k = 0; k < offsets.length; k++) {
          offsets[k] += strides[k][d];
        }
        return true;
      }
      index[d] = 0;
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] -= strides[k][d] * (sizes[d] - 1);
      }
    }
    return false;
  }
}
