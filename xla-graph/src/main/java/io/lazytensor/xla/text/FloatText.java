package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Numbers;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * Floating-point numbers in HLO text: the fewest digits of C's {@code %g} that XLA tries and that
 * read back as the same bits, {@code inf}, and {@code nan} with its sign and, unless it is the
 * usual quiet one, its payload.
 *
 * <p>Source: XLA {@code RoundTripFpToString} in {@code xla/util.cc}. XLA writes negative zero as
 * {@code -0}, which its own parser reads as zero; this writes {@code -0.0}.
 */
final class FloatText {
  private static final Pattern DECIMAL =
      Pattern.compile("(\\d++\\.?\\d*+|\\.\\d++)([eE][+-]?\\d++)?");
  private static final Pattern HEXADECIMAL =
      Pattern.compile("0[xX](\\p{XDigit}++\\.?\\p{XDigit}*+|\\.\\p{XDigit}++)[pP][+-]?\\d++");
  private static final Pattern NAN = Pattern.compile("nan\\(0x[0-9a-fA-F]{1,16}\\)");

  private FloatText() {}

  /** Writes an element of a floating-point type from its zero-extended bits. */
  static String of(DType type, long bits) {
    double value = Numbers.toDouble(type, bits);
    if (Double.isNaN(value)) {
      return nan(type, bits);
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0";
    }
    return switch (type) {
      case F64 -> {
        String few = general(value, 15);
        yield Double.parseDouble(few) == value ? few : general(value, 17);
      }
      case F32 -> {
        String few = general(value, 6);
        yield (float) Double.parseDouble(few) == value ? few : general(value, 9);
      }
      default -> general(value, (int) Math.ceil((mantissaBits(type) + 1) * Math.log10(2) + 1));
    };
  }

  /** Writes a float as XLA writes a float attribute, but so that it reads back as the same. */
  static String of(float value) {
    return of(DType.F32, Float.floatToRawIntBits(value) & 0xFFFF_FFFFL);
  }

  private static String nan(DType type, long bits) {
    int mantissa = mantissaBits(type);
    String sign = (bits >>> (type.bitWidth() - 1) & 1) != 0 && hasSignedNan(type) ? "-" : "";
    long payload = bits & ((1L << mantissa) - 1);
    return hasPayload(type) && payload != 1L << (mantissa - 1)
        ? sign + "nan(0x" + Long.toHexString(payload) + ")"
        : sign + "nan";
  }

  /** Writes as C's {@code %.<digits>g}. */
  private static String general(double value, int digits) {
    BigDecimal rounded =
        new BigDecimal(value)
            .round(new MathContext(digits, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    String unscaled = rounded.unscaledValue().abs().toString();
    int exponent = unscaled.length() - 1 - rounded.scale();
    if (exponent >= -4 && exponent < digits) {
      return rounded.toPlainString();
    }
    return (value < 0 ? "-" : "")
        + unscaled.charAt(0)
        + (unscaled.length() == 1 ? "" : "." + unscaled.substring(1))
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  /**
   * Reads a number.
   *
   * @param word a decimal or hexadecimal number, {@code inf} or {@code nan}, with a sign or without
   * @return the zero-extended bits
   * @throws NumberFormatException saying what is wrong with it
   */
  static long parse(DType type, String word) {
    boolean negative = word.startsWith("-");
    String magnitude = negative ? word.substring(1) : word;
    if (magnitude.equals("inf")) {
      return infinity(type, negative);
    }
    if (magnitude.startsWith("nan")) {
      return nan(type, negative, magnitude);
    }
    requireNumber(magnitude, word);
    double value = Double.parseDouble(word);
    if (Double.isInfinite(value)) {
      throw new NumberFormatException(word + " is too large for any type");
    }
    long bits = Numbers.encodeFloat(type, value);
    if (!Double.isFinite(Numbers.toDouble(type, bits))) {
      throw new NumberFormatException(word + " is too large for " + type);
    }
    return bits;
  }

  private static long infinity(DType type, boolean negative) {
    double value = negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    long bits = Numbers.encodeFloat(type, value);
    if (Numbers.toDouble(type, bits) != value) {
      throw new NumberFormatException(type + " has no infinity");
    }
    return bits;
  }

  private static long nan(DType type, boolean negative, String word) {
    int mantissa = mantissaBits(type);
    if (type == DType.F4E2M1FN) {
      throw new NumberFormatException(type + " has no nan");
    }
    if (!hasPayload(type)) {
      if (!word.equals("nan")) {
        throw new NumberFormatException(type + " has no payload in its nan");
      }
      long bits = type == DType.F8E8M0FNU ? 0xFF : type == DType.F8E4M3FN ? 0x7F : 0x80;
      return negative ? bits | 0x80 : bits;
    }
    long payload = 1L << (mantissa - 1);
    if (!word.equals("nan")) {
      if (!NAN.matcher(word).matches()) {
        throw new NumberFormatException("expected nan or nan(0x1), got " + word);
      }
      payload = Long.parseUnsignedLong(word.substring(6, word.length() - 1), 16);
      if (payload == 0 || payload >>> mantissa != 0) {
        throw new NumberFormatException(
            "the payload of " + word + " does not fit into " + mantissa + " bits of " + type);
      }
    }
    int exponentBits = type.bitWidth() - 1 - mantissa;
    long exponent = ((1L << exponentBits) - 1) << mantissa;
    return (negative ? 1L << (type.bitWidth() - 1) : 0) | exponent | payload;
  }

  // Java reads more than HLO: trailing f and d, spaces, "NaN".
  private static void requireNumber(String magnitude, String word) {
    if (!DECIMAL.matcher(magnitude).matches() && !HEXADECIMAL.matcher(magnitude).matches()) {
      throw new NumberFormatException("expected a number, got " + word);
    }
  }

  /** Whether all NaNs of the exponent of ones differ in sign and mantissa, as IEEE has it. */
  private static boolean hasPayload(DType type) {
    return switch (type) {
      case F16, BF16, F32, F64, F8E5M2, F8E4M3, F8E3M4 -> true;
      default -> false;
    };
  }

  private static boolean hasSignedNan(DType type) {
    return hasPayload(type) || type == DType.F8E4M3FN;
  }

  private static int mantissaBits(DType type) {
    return switch (type) {
      case F64 -> 52;
      case F32 -> 23;
      case F16 -> 10;
      case BF16 -> 7;
      case F8E3M4 -> 4;
      case F8E4M3, F8E4M3FN, F8E4M3B11FNUZ, F8E4M3FNUZ -> 3;
      case F8E5M2, F8E5M2FNUZ -> 2;
      case F4E2M1FN -> 1;
      default -> 0;
    };
  }
}
