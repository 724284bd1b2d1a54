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

  /** Rounds to a type; types of 16 bits and less by way of f32, as XLA computes them. */
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
          Numbers.toDouble(type, Numbers.encodeFloat(type, (float) value));
      case PRED, S2, S4, S8, S16, S32, S64, U2, U4, U8, U16, U32, U64, C64, C128 ->
          throw new AssertionError(type + " is no floating-point type");
    };
  }

  /** Applies a function; NaN where there was none is the positive one on every machine. */
  static double unary(UnaryKind kind, double x) {
    double result = function(kind, x);
    return Double.isNaN(result) && !Double.isNaN(x) ? Double.NaN : result;
  }

  private static double function(UnaryKind kind, double x) {
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
      case ERF -> ErrorFunction.erf(x);
      case EXPONENTIAL -> Math.exp(x);
      case EXPONENTIAL_MINUS_ONE -> Math.expm1(x);
      case FLOOR -> Math.floor(x);
      case LOG -> Math.log(x);
      case LOG_PLUS_ONE -> Math.log1p(x);
      case LOGISTIC -> logistic(x);
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

  // Of very negative numbers the reciprocal would be one of infinity.
  private static double logistic(double x) {
    return x < -40 ? Math.exp(x) : 1 / (1 + Math.exp(-x));
  }

  private static double acosh(double x) {
    if (x > 0x1p500) {
      return Math.log(x) + Math.log(2);
    }
    double t = x < 1 ? Double.NaN : x - 1;
    return Math.log1p(t + Math.sqrt(2 * t + t * t));
  }

  static double asinh(double x) {
    double a = Math.abs(x);
    double result =
        a > 0x1p500
            ? Math.log(a) + Math.log(2)
            : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
    return Math.copySign(result, x);
  }

  private static double roundAwayFromZero(double x) {
    double towardsZero = x < 0 ? Math.ceil(x) : Math.floor(x);
    return Math.abs(x - towardsZero) >= 0.5 ? towardsZero + Math.signum(x) : towardsZero;
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

  /** Combines two numbers; NaN where there was none is the positive one on every machine. */
  static double binary(BinaryKind kind, double x, double y) {
    double result = combination(kind, x, y);
    return Double.isNaN(result) && !Double.isNaN(x) && !Double.isNaN(y) ? Double.NaN : result;
  }

  private static double combination(BinaryKind kind, double x, double y) {
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
    // XLA's rule; -1 to a negative power is 0, too.
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

  /**
   * Orders bit patterns as -NaN, -inf, …, -0, +0, …, +inf, +NaN. The NaN of formats without
   * negative zero is a negative one, that of {@code f8e8m0fnu} a positive one, as XLA has them.
   */
  static int totalOrder(DType type, long xBits, long yBits) {
    return Long.compare(ordered(type, xBits), ordered(type, yBits));
  }

  private static long ordered(DType type, long bits) {
    return switch (type) {
      case F8E8M0FNU -> bits & mask(type);
      case F8E4M3B11FNUZ, F8E5M2FNUZ, F8E4M3FNUZ -> {
        long signed = (byte) bits;
        yield signed < 0 && signed != Byte.MIN_VALUE ? Byte.MIN_VALUE - signed : signed;
      }
      case F16, BF16, F32, F64, F8E5M2, F8E4M3FN, F8E4M3, F8E3M4, F4E2M1FN -> {
        long extended = signExtended(type, bits);
        yield extended < 0 ? extended ^ Long.MAX_VALUE : extended;
      }
      case PRED, S2, S4, S8, S16, S32, S64, U2, U4, U8, U16, U32, U64, C64, C128 ->
          throw new AssertionError(type + " has no total order of its own");
    };
  }
}
