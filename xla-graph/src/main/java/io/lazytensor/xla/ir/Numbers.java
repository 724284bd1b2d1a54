package io.lazytensor.xla.ir;

/**
 * How numbers of each type are laid out in bits and converted, as XLA does it.
 *
 * <p>A NaN keeps its sign, and the upper bits of its payload, from bits to {@code double} and back.
 */
public final class Numbers {
  private Numbers() {}

  /**
   * Returns the bits of a value rounded once, to nearest even, in a floating-point type. Magnitudes
   * past the greatest become infinite, NaN in formats without infinity, the greatest in {@code
   * f4e2m1fn}.
   *
   * @throws ShapeException if the type is not floating-point
   */
  public static long encodeFloat(DType dtype, double value) {
    return switch (dtype) {
      case F64 -> Double.doubleToRawLongBits(value);
      case F32 ->
          Double.isNaN(value)
              ? signedNaN(value, 23, 0x7FFF_FFFFL)
              : Float.floatToRawIntBits((float) value) & 0xFFFF_FFFFL;
      case F16 -> Double.isNaN(value) ? signedNaN(value, 10, 0x7FFF) : doubleToF16(value) & 0xFFFFL;
      case BF16 ->
          Double.isNaN(value) ? signedNaN(value, 7, 0x7FFF) : doubleToBf16(value) & 0xFFFFL;
      case F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          SmallFloat.of(dtype).encode(value);
      case PRED, S2, S4, S8, S16, S32, S64, U2, U4, U8, U16, U32, U64, C64, C128 ->
          throw new ShapeException(dtype + " is no floating-point type");
    };
  }

  /** Returns the value of an element from its zero-extended bits. */
  public static double toDouble(DType dtype, long bits) {
    return switch (dtype) {
      case F64 -> Double.longBitsToDouble(bits);
      case F32 -> {
        float value = Float.intBitsToFloat((int) bits);
        yield Float.isNaN(value) ? wideNaN((int) bits < 0, bits, 23) : value;
      }
      case F16 -> {
        float value = Float.float16ToFloat((short) bits);
        yield Float.isNaN(value) ? wideNaN((short) bits < 0, bits, 10) : value;
      }
      case BF16 -> {
        float value = bf16ToFloat((short) bits);
        yield Float.isNaN(value) ? wideNaN((short) bits < 0, bits, 7) : value;
      }
      case PRED -> (bits & 0xFF) != 0 ? 1 : 0;
      case S2, S4, S8, S16, S32, S64 -> toLong(dtype, bits);
      case U2, U4, U8, U16, U32 -> bits;
      case U64 -> unsignedToDouble(bits);
      case F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          SmallFloat.of(dtype).decode((int) bits);
      case C64, C128 -> throw new ShapeException(dtype + " is no real type");
    };
  }

  /** Returns an integer or pred element as a {@code long}; {@code u64} keeps its bits. */
  public static long toLong(DType dtype, long bits) {
    return switch (dtype) {
      case S2 -> (int) bits << 30 >> 30;
      case S4 -> (int) bits << 28 >> 28;
      case U2 -> bits & 0x3;
      case U4 -> bits & 0xF;
      case S8 -> (byte) bits;
      case S16 -> (short) bits;
      case S32 -> (int) bits;
      case S64, U64 -> bits;
      case U8 -> bits & 0xFF;
      case U16 -> bits & 0xFFFF;
      case U32 -> bits & 0xFFFF_FFFFL;
      case PRED -> (bits & 0xFF) != 0 ? 1 : 0;
      case F16,
          BF16,
          F32,
          F64,
          C64,
          C128,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw new ShapeException(dtype + " is no integer type");
    };
  }

  /** Truncates towards zero and saturates; NaN becomes 0; pred is whether the value is not 0. */
  public static long saturatingToInteger(DType dtype, double value) {
    return switch (dtype) {
      case PRED -> value != 0 ? 1 : 0;
      case S2 -> clamp(value, -2, 1);
      case S4 -> clamp(value, -8, 7);
      case U2 -> clamp(value, 0, 3);
      case U4 -> clamp(value, 0, 15);
      case S8 -> clamp(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case S16 -> clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
      case S32 -> (int) value;
      case S64 -> (long) value;
      case U8 -> clamp(value, 0, 0xFF);
      case U16 -> clamp(value, 0, 0xFFFF);
      case U32 -> clamp(value, 0, 0xFFFF_FFFFL);
      case U64 -> {
        if (!(value > 0)) {
          yield 0;
        }
        yield value < 0x1p63
            ? (long) value
            : value >= 0x1p64 ? -1L : (long) (value - 0x1p63) ^ Long.MIN_VALUE;
      }
      case F16,
          BF16,
          F32,
          F64,
          C64,
          C128,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw new ShapeException(dtype + " is no integer type");
    };
  }

  /** Returns the float a bfloat16 stands for. */
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds a float to the nearest bfloat16, ties to even; NaN stays NaN with its sign. */
  public static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  private static short doubleToBf16(double value) {
    return floatToBf16(roundToOdd(value));
  }

  private static short doubleToF16(double value) {
    return Float.floatToFloat16(roundToOdd(value));
  }

  /** Rounds to a float whose last bit is sticky, so that a second rounding cannot tie wrongly. */
  private static float roundToOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value) || Float.isInfinite(nearest)) {
      return nearest;
    }
    int bits = Float.floatToRawIntBits(nearest);
    if ((bits & 1) != 0) {
      return nearest;
    }
    boolean magnitudeGrew = Math.abs(nearest) > Math.abs(value);
    return Float.intBitsToFloat(magnitudeGrew ? bits - 1 : bits + 1);
  }

  /** Rounds an unsigned integer to a double whose last bit is sticky, for the same end. */
  private static double roundToOdd(long magnitude) {
    int excess = Long.SIZE - Long.numberOfLeadingZeros(magnitude) - 53;
    if (excess <= 0) {
      return magnitude;
    }
    long kept = magnitude >>> excess;
    return Math.scalb((double) (kept << excess == magnitude ? kept : kept | 1), excess);
  }

  /**
   * Returns the bits of an integer rounded once in a floating-point type.
   *
   * @param from the integer's type: {@code u64} values are read as unsigned
   */
  public static long encodeInteger(DType dtype, DType from, long value) {
    boolean unsigned = from == DType.U64;
    if (dtype == DType.F64) {
      return Double.doubleToRawLongBits(unsigned ? unsignedToDouble(value) : value);
    }
    double odd = unsigned || value >= 0 ? roundToOdd(value) : -roundToOdd(-value);
    return encodeFloat(dtype, odd);
  }

  /** Returns the NaN of a sign whose payload begins with the low bits of another's. */
  static double wideNaN(boolean negative, long payload, int payloadBits) {
    long mantissa = payload & ((1L << payloadBits) - 1);
    long sign = negative ? Long.MIN_VALUE : 0;
    return Double.longBitsToDouble(sign | 0x7FFL << 52 | mantissa << (52 - payloadBits));
  }

  /** Returns the bits, but the sign, of a NaN whose payload is cut; quiet if nothing remains. */
  static long narrowNaN(double value, int payloadBits, long magnitudeMask) {
    long mantissa = Double.doubleToRawLongBits(value) & ((1L << 52) - 1);
    long kept = mantissa >>> (52 - payloadBits);
    long exponent = magnitudeMask & -(1L << payloadBits);
    return exponent | (kept == 0 ? 1L << (payloadBits - 1) : kept);
  }

  private static long signedNaN(double value, int payloadBits, long magnitudeMask) {
    boolean negative = Double.doubleToRawLongBits(value) < 0;
    return narrowNaN(value, payloadBits, magnitudeMask) | (negative ? magnitudeMask + 1 : 0);
  }

  private static long clamp(double value, long low, long high) {
    return Double.isNaN(value) ? 0 : value <= low ? low : value >= high ? high : (long) value;
  }

  private static double unsignedToDouble(long bits) {
    return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
  }
}
