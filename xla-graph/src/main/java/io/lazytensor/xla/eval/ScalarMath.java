package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * HLO's elementwise operations on one element. Floating-point results are those of {@code double}
 * arithmetic; the caller rounds them.
 */
final class ScalarMath {
  private ScalarMath() {}

  /** Rounds to a type; 16-bit types by way of f32, as XLA computes them. */
  static double round(DType type, double value) {
    return switch (type) {
      case F64 -> value;
      case F32 -> (float) value;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
      case BF16 -> Numbers.bf16ToFloat(Numbers.floatToBf16((float) value));
      case F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          Numbers.toDouble(type, Numbers.encodeFloat(type, value));
      case PRED, S2, S4, S8, S16, S32, S64, U2, U4, U8, U16, U32, U64, C64, C128 ->
          throw new AssertionError(type + " is no floating-point type");
    };
  }

  static double unary(UnaryKind kind, double x) {
    return switch (kind) {
      case ABS -> Math.abs(x);
      case ACOS -> Math.acos(x);
      case ACOSH -> acosh(x);
      case ASIN -> Math.asin(x);
      case ASINH -> asinh(x);
      case ATANH -> (Math.log1p(x) - Math.log1p(-x)) / 2;
      case CEIL -> Math.ceil(x);
      case COPY -> x;
      case COSH -> Math.cosh(x);
      case COSINE -> Math.cos(x);
      case CBRT -> Math.cbrt(x);
      case ERF -> erf(x);
      case EXPONENTIAL -> Math.exp(x);
      case EXPONENTIAL_MINUS_ONE -> Math.expm1(x);
      case FLOOR -> Math.floor(x);
      case LOG -> Math.log(x);
      case LOG_PLUS_ONE -> Math.log1p(x);
      case LOGISTIC -> 1 / (1 + Math.exp(-x));
      case NEGATE -> -x;
      case ROUND_NEAREST_AFZ -> roundAwayFromZero(x);
      case ROUND_NEAREST_EVEN -> Math.rint(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case SIGN -> Math.signum(x);
      case SINE -> Math.sin(x);
      case SINH -> Math.sinh(x);
      case SQRT -> Math.sqrt(x);
      case TAN -> Math.tan(x);
      case TANH -> Math.tanh(x);
      case COUNT_LEADING_ZEROS, NOT, POPULATION_COUNT ->
          throw new AssertionError(kind + " of a floating-point number");
    };
  }

  private static double acosh(double x) {
    return x > 0x1p511 ? Math.log(x) + Math.log(2) : Math.log(x + Math.sqrt(x * x - 1));
  }

  private static double asinh(double x) {
    double a = Math.abs(x);
    double result =
        a > 0x1p511
            ? Math.log(a) + Math.log(2)
            : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
    return Math.copySign(result, x);
  }

  private static double roundAwayFromZero(double x) {
    double towardsZero = x < 0 ? Math.ceil(x) : Math.floor(x);
    return Math.abs(x - towardsZero) >= 0.5 ? towardsZero + Math.signum(x) : towardsZero;
  }

  /**
   * The error function by the series {@code 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!}, whose terms are
   * all of one sign (Abramowitz and Stegun, 7.1.6).
   */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-18; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  static long unary(UnaryKind kind, DType type, long x) {
    return switch (kind) {
      case ABS -> type.isUnsigned() ? x : Math.abs(x);
      case COPY -> x;
      case COUNT_LEADING_ZEROS ->
          Long.numberOfLeadingZeros(x & mask(type)) - (Long.SIZE - type.bitWidth());
      case NEGATE -> -x;
      case NOT -> type == DType.PRED ? 1 - x : ~x;
      case POPULATION_COUNT -> Long.bitCount(x & mask(type));
      case SIGN -> type.isUnsigned() ? (x == 0 ? 0 : 1) : Long.signum(x);
      case ACOS,
          ACOSH,
          ASIN,
          ASINH,
          ATANH,
          CEIL,
          COSH,
          COSINE,
          CBRT,
          ERF,
          EXPONENTIAL,
          EXPONENTIAL_MINUS_ONE,
          FLOOR,
          LOG,
          LOG_PLUS_ONE,
          LOGISTIC,
          ROUND_NEAREST_AFZ,
          ROUND_NEAREST_EVEN,
          RSQRT,
          SINE,
          SINH,
          SQRT,
          TAN,
          TANH ->
          throw new AssertionError(kind + " of an integer");
    };
  }

  private static long mask(DType type) {
    return type.bitWidth() == Long.SIZE ? -1L : (1L << type.bitWidth()) - 1;
  }

  static double binary(BinaryKind kind, double x, double y) {
    return switch (kind) {
      case ADD -> x + y;
      case ATAN2 -> Math.atan2(x, y);
      case DIVIDE -> x / y;
      case MAXIMUM -> Math.max(x, y);
      case MINIMUM -> Math.min(x, y);
      case MULTIPLY -> x * y;
      case POWER -> power(x, y);
      case REMAINDER -> x % y;
      case SUBTRACT -> x - y;
      case AND, MULHI, OR, SHIFT_LEFT, SHIFT_RIGHT_ARITHMETIC, SHIFT_RIGHT_LOGICAL, XOR ->
          throw new AssertionError(kind + " of floating-point numbers");
    };
  }

  // C's pow is 1 where Java's is NaN: of 1 to anything, and of -1 to an infinite power.
  private static double power(double x, double y) {
    return x == 1 || (x == -1 && Double.isInfinite(y)) ? 1 : Math.pow(x, y);
  }

  static long binary(BinaryKind kind, DType type, long x, long y) {
    boolean pred = type == DType.PRED;
    return switch (kind) {
      case ADD -> pred ? x | y : x + y;
      case AND -> x & y;
      case DIVIDE -> divide(type, x, y);
      case MAXIMUM -> compare(type, x, y) >= 0 ? x : y;
      case MINIMUM -> compare(type, x, y) <= 0 ? x : y;
      case MULHI -> multiplyHigh(type, x, y);
      case MULTIPLY -> pred ? x & y : x * y;
      case OR -> x | y;
      case POWER -> power(type, x, y);
      case REMAINDER -> remainder(type, x, y);
      case SHIFT_LEFT -> tooFar(type, y) ? 0 : x << y;
      case SHIFT_RIGHT_ARITHMETIC -> signExtended(type, x) >> (tooFar(type, y) ? 63 : y);
      case SHIFT_RIGHT_LOGICAL -> tooFar(type, y) ? 0 : (x & mask(type)) >>> y;
      case SUBTRACT -> x - y;
      case XOR -> x ^ y;
      case ATAN2 -> throw new AssertionError(kind + " of integers");
    };
  }

  private static long multiplyHigh(DType type, long x, long y) {
    if (type.bitWidth() < Long.SIZE) {
      return x * y >> type.bitWidth();
    }
    return type.isUnsigned() ? Math.unsignedMultiplyHigh(x, y) : Math.multiplyHigh(x, y);
  }

  private static boolean tooFar(DType type, long amount) {
    return amount < 0 || amount >= type.bitWidth();
  }

  private static long signExtended(DType type, long x) {
    int unused = Long.SIZE - type.bitWidth();
    return x << unused >> unused;
  }

  private static long divide(DType type, long x, long y) {
    if (y == 0) {
      return -1;
    }
    return type == DType.U64 ? Long.divideUnsigned(x, y) : x / y;
  }

  private static long remainder(DType type, long x, long y) {
    if (y == 0) {
      return x;
    }
    return type == DType.U64 ? Long.remainderUnsigned(x, y) : x % y;
  }

  private static long power(DType type, long x, long exponent) {
    if (type.isSigned() && exponent < 0) {
      return x == 1 ? 1 : 0;
    }
    long result = 1;
    long base = x;
    for (long rest = exponent; rest != 0; rest >>>= 1) {
      result = (rest & 1) != 0 ? result * base : result;
      base *= base;
    }
    return result;
  }

  static int compare(DType type, long x, long y) {
    return type == DType.U64 ? Long.compareUnsigned(x, y) : Long.compare(x, y);
  }

  static boolean holds(ComparisonDirection direction, int comparison) {
    return switch (direction) {
      case EQ -> comparison == 0;
      case NE -> comparison != 0;
      case GE -> comparison >= 0;
      case GT -> comparison > 0;
      case LE -> comparison <= 0;
      case LT -> comparison < 0;
    };
  }

  /** Compares by IEEE's rules: nothing but NE holds for NaN, zeros are equal. */
  static boolean holds(ComparisonDirection direction, double x, double y) {
    return switch (direction) {
      case EQ -> x == y;
      case NE -> x != y;
      case GE -> x >= y;
      case GT -> x > y;
      case LE -> x <= y;
      case LT -> x < y;
    };
  }

  /** Orders bit patterns as -NaN, -inf, …, -0, +0, …, +inf, +NaN. */
  static int totalOrder(DType type, long xBits, long yBits) {
    return Long.compare(ordered(type, xBits), ordered(type, yBits));
  }

  private static long ordered(DType type, long bits) {
    long extended = signExtended(type, bits);
    return extended < 0 ? extended ^ Long.MAX_VALUE : extended;
  }
}
