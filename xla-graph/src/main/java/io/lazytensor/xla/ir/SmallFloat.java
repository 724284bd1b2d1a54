package io.lazytensor.xla.ir;

import java.util.Arrays;

/**
 * The floating-point formats of a byte and less, each a table of the values its codes stand for.
 *
 * <p>Values round to nearest, ties to even. Magnitudes past the greatest get the code that follows
 * it, which in most formats is what the format has for them: infinity or NaN. Source: ml_dtypes,
 * which XLA uses, but for f32 between the two least powers of {@code f8e8m0fnu}, all of which it
 * rounds up; OCP 8-bit Floating Point Specification (E5M2, E4M3), OCP Microscaling Formats (E8M0,
 * E2M1).
 */
final class SmallFloat {
  /** What a format does without what IEEE 754 has. */
  private enum Family {
    /** Infinities and many NaNs, as IEEE 754. */
    IEEE,
    /** No infinity; one NaN of each sign, all ones. */
    FINITE,
    /** No infinity, no negative zero; its code is the only NaN. */
    FINITE_UNSIGNED_ZERO,
    /** Powers of two: no sign, no zero, no infinity; NaN is all ones. */
    POWERS,
    /** Neither infinity nor NaN; too great magnitudes become the greatest. */
    SATURATING
  }

  private static final SmallFloat E5M2 = new SmallFloat(5, 2, 15, Family.IEEE);
  private static final SmallFloat E4M3 = new SmallFloat(4, 3, 7, Family.IEEE);
  private static final SmallFloat E3M4 = new SmallFloat(3, 4, 3, Family.IEEE);
  private static final SmallFloat E4M3FN = new SmallFloat(4, 3, 7, Family.FINITE);
  private static final SmallFloat E4M3B11FNUZ =
      new SmallFloat(4, 3, 11, Family.FINITE_UNSIGNED_ZERO);
  private static final SmallFloat E5M2FNUZ = new SmallFloat(5, 2, 16, Family.FINITE_UNSIGNED_ZERO);
  private static final SmallFloat E4M3FNUZ = new SmallFloat(4, 3, 8, Family.FINITE_UNSIGNED_ZERO);
  private static final SmallFloat E8M0FNU = new SmallFloat(8, 0, 127, Family.POWERS);
  private static final SmallFloat E2M1FN = new SmallFloat(2, 1, 1, Family.SATURATING);

  private final int mantissaBits;
  private final Family family;
  private final int signBit;
  private final double[] values;
  // Element k lies half way between the magnitudes of codes k and k + 1.
  private final double[] borders;

  private SmallFloat(int exponentBits, int mantissaBits, int bias, Family family) {
    this.mantissaBits = mantissaBits;
    this.family = family;
    this.signBit = family == Family.POWERS ? 0 : 1 << (exponentBits + mantissaBits);
    int codes = 1 << (exponentBits + mantissaBits);
    int greatest =
        switch (family) {
          case IEEE -> codes - (1 << mantissaBits) - 1;
          case FINITE, POWERS -> codes - 2;
          case FINITE_UNSIGNED_ZERO, SATURATING -> codes - 1;
        };
    double[] magnitudes = new double[greatest + 2];
    for (int code = 0; code < magnitudes.length; code++) {
      magnitudes[code] = magnitude(code, bias);
    }
    this.borders = new double[greatest + 1];
    for (int code = 0; code <= greatest; code++) {
      borders[code] = (magnitudes[code] + magnitudes[code + 1]) / 2;
    }
    this.values = new double[signBit == 0 ? codes : 2 * codes];
    for (int code = 0; code < codes; code++) {
      values[code] = code <= greatest ? magnitudes[code] : beyond(code);
      if (signBit != 0) {
        values[code | signBit] = negative(values[code]);
      }
    }
    if (family == Family.FINITE_UNSIGNED_ZERO) {
      values[signBit] = negative(Double.NaN);
    }
  }

  /** Returns the format of a type that has one of a byte or less. */
  static SmallFloat of(DType dtype) {
    return switch (dtype) {
      case F8E5M2 -> E5M2;
      case F8E4M3FN -> E4M3FN;
      case F8E4M3B11FNUZ -> E4M3B11FNUZ;
      case F8E5M2FNUZ -> E5M2FNUZ;
      case F8E4M3FNUZ -> E4M3FNUZ;
      case F8E4M3 -> E4M3;
      case F8E3M4 -> E3M4;
      case F8E8M0FNU -> E8M0FNU;
      case F4E2M1FN -> E2M1FN;
      case PRED,
          S2,
          S4,
          S8,
          S16,
          S32,
          S64,
          U2,
          U4,
          U8,
          U16,
          U32,
          U64,
          F16,
          BF16,
          F32,
          F64,
          C64,
          C128 ->
          throw new AssertionError(dtype + " is no floating-point type of a byte");
    };
  }

  /** Returns the value of a code; NaNs keep sign and payload. */
  double decode(int code) {
    return values[code & (values.length - 1)];
  }

  /** Returns the code of the nearest value. */
  int encode(double value) {
    boolean negative = (Double.doubleToRawLongBits(value) & Long.MIN_VALUE) != 0;
    if (Double.isNaN(value)) {
      return encodeNaN(value, negative);
    }
    if (family == Family.POWERS && !(value > 0)) {
      return values.length - 1;
    }
    int place = Arrays.binarySearch(borders, Math.abs(value));
    int code = place < 0 ? -place - 1 : place + (roundsUp(place) ? 1 : 0);
    if (family == Family.SATURATING) {
      code = Math.min(code, signBit - 1);
    }
    boolean signed = negative && !(family == Family.FINITE_UNSIGNED_ZERO && code == 0);
    return signed ? code | signBit : code;
  }

  // The only digit of a power of two is an odd one, so a tie goes to the next power.
  private boolean roundsUp(int code) {
    return family == Family.POWERS || (code & 1) != 0;
  }

  private int encodeNaN(double value, boolean negative) {
    int sign = negative ? signBit : 0;
    return switch (family) {
      case IEEE -> sign | (int) Numbers.narrowNaN(value, mantissaBits, signBit - 1);
      case FINITE -> sign | (signBit - 1);
      case FINITE_UNSIGNED_ZERO -> signBit;
      case POWERS -> values.length - 1;
      // ml_dtypes gives a zero of the other sign.
      case SATURATING -> signBit - sign;
    };
  }

  private double magnitude(int code, int bias) {
    int exponent = code >> mantissaBits;
    int mantissa = code - (exponent << mantissaBits);
    boolean subnormal = exponent == 0 && family != Family.POWERS;
    return subnormal
        ? Math.scalb((double) mantissa, 1 - bias - mantissaBits)
        : Math.scalb((double) (1 << mantissaBits) + mantissa, exponent - bias - mantissaBits);
  }

  private double beyond(int code) {
    if (family != Family.IEEE) {
      return Double.NaN;
    }
    int mantissa = code & ((1 << mantissaBits) - 1);
    return mantissa == 0
        ? Double.POSITIVE_INFINITY
        : Numbers.wideNaN(false, mantissa, mantissaBits);
  }

  private static double negative(double value) {
    return Double.longBitsToDouble(Double.doubleToRawLongBits(value) ^ Long.MIN_VALUE);
  }
}
