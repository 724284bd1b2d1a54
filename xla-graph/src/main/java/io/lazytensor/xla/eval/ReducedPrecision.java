package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnsupportedException;

/** Rounding of single numbers to formats that no type has, and at random. */
final class ReducedPrecision {
  private ReducedPrecision() {}

  /**
   * Rounds a number's bits to fewer bits of exponent and mantissa: to nearest even, magnitudes past
   * the greatest to infinity, subnormal ones to zero of their sign. NaN stays, or is infinite if no
   * mantissa could tell. Source: XLA {@code hlo_evaluator_typed_visitor.h}; types of a byte are
   * rounded as f32, which it computes them in.
   */
  static double round(DType type, double x, int exponentBits, int mantissaBits) {
    if (Double.isNaN(x)) {
      return mantissaBits > 0 ? x : Double.POSITIVE_INFINITY;
    }
    DType format = type.bitWidth() <= Byte.SIZE ? DType.F32 : type;
    int mantissa = mantissaWidth(format);
    long bits = Numbers.encodeFloat(format, x);
    if (mantissaBits < mantissa) {
      long last = 1L << (mantissa - mantissaBits);
      long bias = (last >> 1) - 1 + ((bits & last) != 0 ? 1 : 0);
      bits = (bits + bias) & -last;
    }
    int exponent = format.bitWidth() - 1 - mantissa;
    if (exponentBits < exponent) {
      bits = limit(bits, exponent, mantissa, exponentBits);
    }
    return ScalarMath.round(type, Numbers.toDouble(format, bits));
  }

  private static long limit(long bits, int exponentWidth, int mantissaWidth, int exponentBits) {
    long sign = bits & 1L << (exponentWidth + mantissaWidth);
    long infinity = ((1L << exponentWidth) - 1) << mantissaWidth;
    long bias = (1L << (exponentWidth - 1)) - 1;
    long reach = (1L << (exponentBits - 1)) - 1;
    long exponent = bits & infinity;
    if (exponent > (bias + reach) << mantissaWidth) {
      return sign | infinity;
    }
    return exponent <= (bias - reach) << mantissaWidth ? sign : bits;
  }

  private static int mantissaWidth(DType format) {
    return format == DType.F64 ? 52 : format == DType.F16 ? 10 : format == DType.BF16 ? 7 : 23;
  }

  /**
   * Rounds to one of the two nearest integers: away from zero if the fraction, as a fixed-point
   * number of the random bits' width, is greater than them. Infinities and what is out of range
   * become the extremes, NaN zero. Source: XLA {@code hlo_evaluator.cc}, {@code
   * StochasticConvertOp}.
   *
   * @param from the type of x; the random number is an unsigned integer of its width
   */
  static long stochastic(DType to, DType from, double x, long random) {
    if (!to.isSigned()) {
      throw new UnsupportedException(
          "stochastic-convert of %s to %s is not supported; results are signed integers"
              .formatted(from, to));
    }
    long max = Long.MAX_VALUE >>> (Long.SIZE - to.bitWidth());
    long min = -max - 1;
    if (Double.isNaN(x)) {
      return 0;
    }
    if (x >= max || x <= min) {
      return x > 0 ? max : min;
    }
    double magnitude = Math.abs(x);
    long whole = (long) magnitude;
    double fraction = magnitude - whole;
    int width = from.bitWidth();
    long fixed = Numbers.saturatingToInteger(DType.U64, Math.scalb(fraction, width));
    long away = Long.compareUnsigned(random, fixed) < 0 ? whole + 1 : whole;
    return x < 0 ? -away : away;
  }
}
