package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.DType;
import java.lang.foreign.MemorySegment;

/**
 * A strided array somewhere in a region, for loops.
 *
 * @param region the memory
 * @param byteOffset the first element
 * @param dtype the element type
 * @param sizes dimension sizes
 * @param strides distances, in elements; 0 repeats
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, never mutated.
public record Location(Region region, long byteOffset, DType dtype, long[] sizes, long[] strides) {
  /** Returns the region's memory at this moment. */
  public MemorySegment segment() {
    return region.segment();
  }

  /** Returns the number of elements. */
  public long elementCount() {
    long count = 1;
    for (long size : sizes) {
      count *= size;
    }
    return count;
  }

  /** Returns whether every element is the same one. */
  public boolean isSplat() {
    for (int i = 0; i < sizes.length; i++) {
      if (strides[i] != 0 && sizes[i] != 1) {
        return false;
      }
    }
    return true;
  }

  /** Reads a scalar's lane. */
  public long readScalar() {
    return Lanes.read(dtype, segment(), byteOffset);
  }

  /** Reads the lane a number of elements behind the first. */
  long read(long element) {
    return Lanes.read(dtype, segment(), byteOffset + element * dtype.byteSize());
  }

  /** Writes the lane a number of elements behind the first. */
  void write(long element, long lane) {
    Lanes.write(dtype, segment(), byteOffset + element * dtype.byteSize(), lane);
  }

  /** Returns the memory of a dense array at this moment. */
  public MemorySegment memory() {
    return segment().asSlice(byteOffset, elementCount() * dtype.byteSize());
  }
}
