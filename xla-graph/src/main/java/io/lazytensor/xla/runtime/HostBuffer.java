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

  /** Returns a zeroed heap buffer. */
  public static HostBuffer allocate(ArrayShape shape) {
    return new HostBuffer(
        shape, MemorySegment.ofArray(new byte[Math.toIntExact(shape.byteSize())]));
  }
}
