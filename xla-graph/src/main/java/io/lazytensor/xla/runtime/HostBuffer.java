package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ShapeException;
import java.lang.foreign.MemorySegment;

/**
 * An array in host memory: dense, row-major, little-endian. Heap and native segments both serve.
 *
 * @param shape type and dimension sizes
 * @param data at least {@code shape.byteSize()} bytes
 */
public record HostBuffer(ArrayShape shape, MemorySegment data) {
  /** Checks the size. */
  public HostBuffer {
    if (data.byteSize() < shape.byteSize()) {
      throw new ShapeException(
          "a host buffer "
              + shape
              + " takes "
              + shape.byteSize()
              + " bytes, got "
              + data.byteSize());
    }
  }

  /**
   * Returns a zeroed heap buffer.
   *
   * @throws ShapeException if the array takes more than a Java array holds, 2 GiB
   */
  public static HostBuffer allocate(ArrayShape shape) {
    if (shape.byteSize() > Integer.MAX_VALUE) {
      throw new ShapeException(
          "a host buffer on the heap holds %d bytes, %s takes %d; give native memory"
              .formatted(Integer.MAX_VALUE, shape, shape.byteSize()));
    }
    return new HostBuffer(shape, MemorySegment.ofArray(new byte[(int) shape.byteSize()]));
  }
}
