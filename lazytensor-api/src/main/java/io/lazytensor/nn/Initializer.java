package io.lazytensor.nn;

import io.lazytensor.Seed;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;

/**
 * How a parameter gets its first value: a function of shape, seed and the parameter's name, so that
 * adding a layer changes no other weight.
 */
public interface Initializer {
  /** Returns the value. */
  HostBuffer create(ArrayShape shape, Seed seed, String name);

  /** Produces one number after another. */
  interface Source {
    /** Returns the next number. */
    double next();
  }

  /** Returns an initializer that fills with numbers from a source made for each parameter. */
  private static HostBuffer fill(ArrayShape shape, Source source) {
    if (!shape.dtype().isFloating()) {
      throw new ShapeException("parameters are initialized in floating point, got " + shape);
    }
    HostBuffer buffer = HostBuffer.allocate(shape);
    long count = shape.elementCount();
    for (long i = 0; i < count; i++) {
      long bits = Numbers.encodeFloat(shape.dtype(), source.next());
      Literal.writeBits(buffer.data(), i, shape.dtype(), bits);
    }
    return buffer;
  }

  /** Returns the same number everywhere. */
  static Initializer constant(double value) {
    return (shape, seed, name) -> fill(shape, () -> value);
  }

  /** Returns zeros. */
  static Initializer zeros() {
    return constant(0);
  }

  /** Returns ones. */
  static Initializer ones() {
    return constant(1);
  }

  /** Returns numbers evenly distributed between two bounds, the upper one excluded. */
  static Initializer uniform(double low, double high) {
    return (shape, seed, name) -> {
      InitialNumbers numbers = new InitialNumbers(seed, name);
      return fill(shape, () -> low + (high - low) * numbers.uniform());
    };
  }

  /** Returns normally distributed numbers. */
  static Initializer normal(double mean, double deviation) {
    return (shape, seed, name) -> {
      InitialNumbers numbers = new InitialNumbers(seed, name);
      return fill(shape, () -> mean + deviation * numbers.normal());
    };
  }

  /**
   * Returns PyTorch's default for {@code Linear}: {@code kaiming_uniform_(a=√5)}, which is uniform
   * within {@code ±1/√fanIn}.
   */
  static Initializer fanIn(int fanIn) {
    double bound = fanIn == 0 ? 0 : 1 / Math.sqrt(fanIn);
    return uniform(-bound, bound);
  }

  /** Returns values given by the program, such as weights from elsewhere. */
  static Initializer values(float... values) {
    float[] own = values.clone();
    return (shape, seed, name) -> {
      if (shape.elementCount() != own.length) {
        throw new ShapeException(
            "%s is %s and takes %d values, got %d"
                .formatted(name, shape, shape.elementCount(), own.length));
      }
      int[] at = {0};
      return fill(shape, () -> own[at[0]++]);
    };
  }
}
