package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;

/** The index vectors of gather and scatter, and the walk over them. */
final class IndexVectors {
  /** The odometer's offset into the indices. */
  static final int INDICES = 0;

  /** The odometer's offset into the other array that runs along with the indices. */
  static final int OTHER = 1;

  private final Location indices;
  private final int vectorDim;
  private final Dims map;
  private final Dims operandBatching;
  private final int[] batchingPosition;

  IndexVectors(
      Location indices, int vectorDim, Dims map, Dims operandBatching, Dims indicesBatching) {
    this.indices = indices;
    this.vectorDim = vectorDim;
    this.map = map;
    this.operandBatching = operandBatching;
    this.batchingPosition = new int[operandBatching.size()];
    for (int i = 0; i < batchingPosition.length; i++) {
      int d = indicesBatching.get(i);
      batchingPosition[i] = d > vectorDim ? d - 1 : d;
    }
  }

  /**
   * Walks the positions of the vectors, along with those dimensions of an array not in a window.
   */
  Odometer odometer(Location other, Dims windowDims) {
    int rank = indices.sizes().length - (vectorDim < indices.sizes().length ? 1 : 0);
    long[] sizes = new long[rank];
    long[] indexStrides = new long[rank];
    long[] otherStrides = new long[rank];
    int k = 0;
    for (int d = 0; d < indices.sizes().length; d++) {
      if (d != vectorDim) {
        sizes[k] = indices.sizes()[d];
        indexStrides[k++] = indices.strides()[d];
      }
    }
    k = 0;
    for (int d = 0; d < other.sizes().length; d++) {
      if (!windowDims.contains(d)) {
        otherStrides[k++] = other.strides()[d];
      }
    }
    return new Odometer(sizes, indexStrides, otherStrides);
  }

  int size() {
    return map.size();
  }

  int operandDim(int component) {
    return map.get(component);
  }

  int batchingSize() {
    return operandBatching.size();
  }

  int batchingDim(int i) {
    return operandBatching.get(i);
  }

  long batching(Odometer position, int i) {
    return position.index(batchingPosition[i]);
  }

  long clamped(Odometer position, int component, long max) {
    return WindowKernels.clampStart(indices.dtype(), lane(position, component), max);
  }

  /** Returns a component, or -1 if it cannot be in bounds. */
  long raw(Odometer position, int component) {
    long lane = lane(position, component);
    return indices.dtype() == DType.U64 && lane < 0 ? -1 : lane;
  }

  private long lane(Odometer position, int component) {
    long offset = position.offset(INDICES);
    if (vectorDim < indices.sizes().length) {
      offset += component * indices.strides()[vectorDim];
    }
    return Lanes.read(
        indices.dtype(),
        indices.segment(),
        indices.byteOffset() + offset * indices.dtype().byteSize());
  }
}
