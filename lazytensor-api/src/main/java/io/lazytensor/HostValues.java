package io.lazytensor;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;

/** Host buffers as Java values. */
final class HostValues {
  private HostValues() {}

  static HostBuffer same(HostBuffer buffer) {
    return buffer;
  }

  static Float toFloat(HostBuffer buffer) {
    return toFloats(buffer)[0];
  }

  static ShapeException notScalar(ArrayShape shape) {
    return new ShapeException(
        "fetchFloat takes a tensor of one element, got "
            + shape
            + "; use fetchFloats, or reduce it with sum() or mean()");
  }

  static float[] toFloats(HostBuffer buffer) {
    ArrayShape shape = buffer.shape();
    if (!shape.dtype().isFloating()) {
      throw new ShapeException("fetchFloats takes a floating-point tensor, got " + shape);
    }
    float[] out = new float[Math.toIntExact(shape.elementCount())];
    for (int i = 0; i < out.length; i++) {
      out[i] =
          (float)
              Numbers.toDouble(shape.dtype(), Literal.readBits(buffer.data(), i, shape.dtype()));
    }
    return out;
  }

  static int[] toInts(HostBuffer buffer) {
    ArrayShape shape = buffer.shape();
    DType dtype = shape.dtype();
    if (dtype.isFloating()) {
      throw new ShapeException("fetchInts takes an integer tensor, got " + shape);
    }
    int[] out = new int[Math.toIntExact(shape.elementCount())];
    for (int i = 0; i < out.length; i++) {
      long value = (long) Numbers.toDouble(dtype, Literal.readBits(buffer.data(), i, dtype));
      out[i] = Math.toIntExact(value);
    }
    return out;
  }
}
