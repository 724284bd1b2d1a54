package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Numbers;
import java.util.function.LongUnaryOperator;

/**
 * {@code reduce-precision}: rounds the mantissa to nearest even, then turns exponents out of range
 * into zeros and infinities.
 */
final class Precision {
  private Precision() {}

  /** Returns the function for a type on lanes. */
  static LongUnaryOperator reduce(DType dtype, int exponentBits, int mantissaBits) {
    int mantissa = mantissaWidth(dtype);
    int exponent = dtype.bitWidth() - 1 - mantissa;
    return lane -> {
      if (Double.isNaN(Lanes.toDouble(lane))) {
        return mantissaBits > 0 ? lane : Lanes.fromDouble(Double.POSITIVE_INFINITY);
      }
      long bits = Lanes.bits(dtype, lane);
      if (mantissaBits < mantissa) {
        bits = roundMantissa(bits, mantissa - mantissaBits);
      }
      if (exponentBits < exponent) {
        bits = clampExponent(bits, exponent, mantissa, exponentBits);
      }
      return Lanes.fromDouble(Numbers.toDouble(dtype, bits));
    };
  }

  private static int mantissaWidth(DType dtype) {
    return switch (dtype) {
      case F16 -> 10;
      case BF16 -> 7;
      case F32 -> 23;
      case F64 -> 52;
      default -> throw new IllegalArgumentException(dtype + " has no lanes of floats");
    };
  }

  /** Rounds to nearest even; a carry goes into the exponent as it should. */
  private static long roundMantissa(long bits, int dropped) {
    long last = 1L << dropped;
    long bias = (last >> 1) - 1 + ((bits & last) >>> dropped);
    return bits + bias & -last;
  }

  private static long clampExponent(long bits, int exponent, int mantissa, int kept) {
    long exponentMask = (1L << exponent) - 1 << mantissa;
    long sign = bits & 1L << exponent + mantissa;
    long bias = (1L << exponent - 1) - 1;
    long keptBias = (1L << kept - 1) - 1;
    long value = bits & exponentMask;
    if (Long.compareUnsigned(value, bias + keptBias << mantissa) > 0) {
      return sign | exponentMask;
    }
    return Long.compareUnsigned(value, bias - keptBias << mantissa) <= 0 ? sign : bits;
  }
}
