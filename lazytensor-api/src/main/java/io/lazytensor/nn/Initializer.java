package io.lazytensor.nn;

import io.lazytensor.Seed;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.function.ToDoubleFunction;

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
   * Returns normally distributed numbers between two bounds. PyTorch: {@code trunc_normal_}.
   *
   * @throws LayerException if hardly any number of the distribution is between the bounds
   */
  static Initializer truncatedNormal(double mean, double deviation, double low, double high) {
    double nearest = Math.clamp(mean, Math.min(low, high), Math.max(low, high));
    if (!(low < high) || !(deviation > 0) || Math.abs(nearest - mean) > 3 * deviation) {
      throw new LayerException(
          "truncatedNormal: expected low < high within 3 deviations of the mean %s, got %s and %s"
              .formatted(mean, low, high));
    }
    return (shape, seed, name) -> {
      InitialNumbers numbers = new InitialNumbers(seed, name);
      return fill(
          shape,
          () -> {
            double number;
            do {
              number = mean + deviation * numbers.normal();
            } while (number < low || number > high);
            return number;
          });
    };
  }

  /**
   * Returns numbers of variance {@code gain² / fan}, evenly distributed (He et al., 2015). PyTorch:
   * {@code kaiming_uniform_}.
   *
   * @param gain of the function behind, see {@link Gain}
   */
  static Initializer kaimingUniform(FanMode mode, double gain) {
    return fanned(fans -> gain * Math.sqrt(3.0 / fans.of(mode)), true);
  }

  /** Returns normally distributed numbers of variance {@code gain² / fan}. */
  static Initializer kaimingNormal(FanMode mode, double gain) {
    return fanned(fans -> gain / Math.sqrt(fans.of(mode)), false);
  }

  /**
   * Returns numbers of variance {@code 2 gain² / (fanIn + fanOut)}, evenly distributed (Glorot and
   * Bengio, 2010). PyTorch: {@code xavier_uniform_}.
   */
  static Initializer xavierUniform(double gain) {
    return fanned(fans -> gain * Math.sqrt(6.0 / (fans.in() + fans.out())), true);
  }

  /** Returns normally distributed numbers of variance {@code 2 gain² / (fanIn + fanOut)}. */
  static Initializer xavierNormal(double gain) {
    return fanned(fans -> gain * Math.sqrt(2.0 / (fans.in() + fans.out())), false);
  }

  /** Returns an initializer whose spread depends on the shape: a bound, or a deviation. */
  private static Initializer fanned(ToDoubleFunction<Fans> spread, boolean even) {
    return (shape, seed, name) -> {
      double size = spread.applyAsDouble(Fans.of(shape, name));
      Initializer initializer = even ? uniform(-size, size) : normal(0, size);
      return initializer.create(shape, seed, name);
    };
  }

  /** Returns ones on the diagonal of a matrix and zeros elsewhere. PyTorch: {@code eye_}. */
  static Initializer eye() {
    return (shape, seed, name) -> {
      if (shape.rank() != 2) {
        throw new ShapeException("eye initializes matrices, %s is %s".formatted(name, shape));
      }
      long[] at = {0};
      int columns = shape.dim(1);
      return fill(
          shape,
          () -> {
            long i = at[0]++;
            return i / columns == i % columns ? 1 : 0;
          });
    };
  }

  /**
   * Returns a matrix with orthonormal rows or columns, whichever are fewer, times a gain; behind
   * the first, dimensions count as columns. PyTorch: {@code orthogonal_}.
   */
  static Initializer orthogonal(double gain) {
    return (shape, seed, name) -> {
      double[] values = Orthogonal.matrix(shape, new InitialNumbers(seed, name), name);
      int[] at = {0};
      return fill(shape, () -> gain * values[at[0]++]);
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
