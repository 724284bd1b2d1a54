package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * HLO's elementwise semantics on {@linkplain Lanes lanes}, for types and operations libtorch has
 * not or has otherwise.
 */
public final class Scalars {
  /** Beyond it, one more or less under a square root is lost. */
  private static final double LARGE = 0x1p28;

  private static final double LOG_2 = Math.log(2);

  private Scalars() {}

  /** A function of a double. */
  private interface DoubleFunction {
    double apply(double x);
  }

  /** Returns an elementwise function of one operand. */
  public static LongUnaryOperator unary(UnaryKind kind, DType dtype) {
    return dtype.isFloating() ? floatUnary(kind, dtype) : integerUnary(kind, dtype);
  }

  private static LongUnaryOperator floatUnary(UnaryKind kind, DType dtype) {
    DoubleFunction f =
        switch (kind) {
          case ABS -> Math::abs;
          case ACOS -> Math::acos;
          case ASIN -> Math::asin;
          case COSH -> Math::cosh;
          case SINH -> Math::sinh;
          case ACOSH -> Scalars::acosh;
          case ASINH -> Scalars::asinh;
          case ATANH -> Scalars::atanh;
          case CEIL -> Math::ceil;
          case COPY -> x -> x;
          case COSINE -> Math::cos;
          case CBRT -> Math::cbrt;
          case ERF -> Erf::erf;
          case EXPONENTIAL -> Math::exp;
          case EXPONENTIAL_MINUS_ONE -> Math::expm1;
          case FLOOR -> Math::floor;
          case LOG -> Math::log;
          case LOG_PLUS_ONE -> Math::log1p;
          case LOGISTIC -> x -> 1 / (1 + Math.exp(-x));
          case NEGATE -> x -> -x;
          case ROUND_NEAREST_AFZ -> Scalars::roundAwayFromZero;
          case ROUND_NEAREST_EVEN -> Math::rint;
          case RSQRT -> x -> 1 / Math.sqrt(x);
          case SIGN -> Math::signum;
          case SINE -> Math::sin;
          case SQRT -> Math::sqrt;
          case TAN -> Math::tan;
          case TANH -> Math::tanh;
          case COUNT_LEADING_ZEROS, NOT, POPULATION_COUNT ->
              throw new IllegalArgumentException(kind + " of " + dtype);
        };
    return lane -> Lanes.round(dtype, f.apply(Lanes.toDouble(lane)));
  }

  private static double acosh(double x) {
    if (x < 1) {
      return Double.NaN;
    }
    if (x > LARGE) {
      return Math.log(x) + LOG_2;
    }
    double above = x - 1;
    return Math.log1p(above + Math.sqrt(2 * above + above * above));
  }

  private static double asinh(double x) {
    double a = Math.abs(x);
    double magnitude =
        a > LARGE ? Math.log(a) + LOG_2 : Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
    return Math.copySign(magnitude, x);
  }

  private static double atanh(double x) {
    double a = Math.abs(x);
    return a > 1 ? Double.NaN : Math.copySign(0.5 * Math.log1p(2 * a / (1 - a)), x);
  }

  private static double roundAwayFromZero(double x) {
    double magnitude = Math.abs(x);
    double floor = Math.floor(magnitude);
    return Math.copySign(magnitude - floor >= 0.5 ? floor + 1 : floor, x);
  }

  private static LongUnaryOperator integerUnary(UnaryKind kind, DType dtype) {
    int width = dtype.bitWidth();
    return switch (kind) {
      case ABS -> dtype.isSigned() ? x -> Lanes.wrap(dtype, Math.abs(x)) : x -> x;
      case NEGATE -> x -> Lanes.wrap(dtype, -x);
      case NOT -> dtype == DType.PRED ? x -> x ^ 1 : x -> Lanes.wrap(dtype, ~x);
      case SIGN -> dtype.isSigned() ? x -> Long.signum(x) : x -> x != 0 ? 1 : 0;
      case COUNT_LEADING_ZEROS ->
          x -> Long.numberOfLeadingZeros(Lanes.bits(dtype, x)) - (64 - width);
      case POPULATION_COUNT -> x -> Long.bitCount(Lanes.bits(dtype, x));
      case COPY, CEIL, FLOOR, ROUND_NEAREST_AFZ, ROUND_NEAREST_EVEN -> x -> x;
      case ACOS,
          ACOSH,
          ASIN,
          ASINH,
          ATANH,
          COSH,
          COSINE,
          CBRT,
          ERF,
          EXPONENTIAL,
          EXPONENTIAL_MINUS_ONE,
          LOG,
          LOG_PLUS_ONE,
          LOGISTIC,
          RSQRT,
          SINE,
          SINH,
          SQRT,
          TAN,
          TANH ->
          throw new IllegalArgumentException(kind + " of " + dtype);
    };
  }

  /** Returns an elementwise function of two operands. */
  public static LongBinaryOperator binary(BinaryKind kind, DType dtype) {
    return dtype.isFloating() ? floatBinary(kind, dtype) : integerBinary(kind, dtype);
  }

  /** A function of two doubles. */
  private interface DoubleFunction2 {
    double apply(double x, double y);
  }

  private static LongBinaryOperator floatBinary(BinaryKind kind, DType dtype) {
    DoubleFunction2 f =
        switch (kind) {
          case ADD -> (x, y) -> x + y;
          case SUBTRACT -> (x, y) -> x - y;
          case MULTIPLY -> (x, y) -> x * y;
          case DIVIDE -> (x, y) -> x / y;
          case REMAINDER -> (x, y) -> x % y;
          case MAXIMUM -> Math::max;
          case MINIMUM -> Math::min;
          case ATAN2 -> Math::atan2;
          case POWER -> Scalars::pow;
          case MULHI, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT_ARITHMETIC, SHIFT_RIGHT_LOGICAL ->
              throw new IllegalArgumentException(kind + " of " + dtype);
        };
    return (a, b) -> Lanes.round(dtype, f.apply(Lanes.toDouble(a), Lanes.toDouble(b)));
  }

  /** C's {@code pow}: unlike Java's, 1 to any power is 1, and so is -1 to an infinite one. */
  private static double pow(double x, double y) {
    if (x == 1 || (x == -1 && Double.isInfinite(y))) {
      return 1;
    }
    return Math.pow(x, y);
  }

  private static LongBinaryOperator integerBinary(BinaryKind kind, DType dtype) {
    boolean u64 = dtype == DType.U64;
    return switch (kind) {
      case ADD -> (a, b) -> Lanes.wrap(dtype, a + b);
      case SUBTRACT -> (a, b) -> Lanes.wrap(dtype, a - b);
      case MULTIPLY -> (a, b) -> Lanes.wrap(dtype, a * b);
      case MULHI -> multiplyHigh(dtype);
      case AND -> (a, b) -> a & b;
      case OR -> (a, b) -> a | b;
      case XOR -> (a, b) -> a ^ b;
      case DIVIDE ->
          u64
              ? (a, b) -> b == 0 ? -1 : Long.divideUnsigned(a, b)
              : (a, b) -> Lanes.wrap(dtype, b == 0 ? -1 : a / b);
      case REMAINDER ->
          u64 ? (a, b) -> b == 0 ? a : Long.remainderUnsigned(a, b) : (a, b) -> b == 0 ? a : a % b;
      case MAXIMUM -> u64 ? (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b : Math::max;
      case MINIMUM -> u64 ? (a, b) -> Long.compareUnsigned(a, b) <= 0 ? a : b : Math::min;
      case POWER -> (a, b) -> power(dtype, a, b);
      case SHIFT_LEFT, SHIFT_RIGHT_ARITHMETIC, SHIFT_RIGHT_LOGICAL -> shift(kind, dtype);
      case ATAN2 -> throw new IllegalArgumentException(kind + " of " + dtype);
    };
  }

  private static LongBinaryOperator multiplyHigh(DType dtype) {
    int width = dtype.bitWidth();
    if (width < Long.SIZE) {
      return (a, b) -> Lanes.wrap(dtype, a * b >> width);
    }
    return dtype.isUnsigned() ? Math::unsignedMultiplyHigh : Math::multiplyHigh;
  }

  private static LongBinaryOperator shift(BinaryKind kind, DType dtype) {
    int width = dtype.bitWidth();
    return (a, b) -> {
      long amount = Lanes.bits(dtype, b);
      boolean over = Long.compareUnsigned(amount, width) >= 0;
      long bits = Lanes.bits(dtype, a);
      if (kind == BinaryKind.SHIFT_LEFT) {
        return over ? 0 : Lanes.wrap(dtype, bits << amount);
      }
      if (kind == BinaryKind.SHIFT_RIGHT_LOGICAL) {
        return over ? 0 : Lanes.wrap(dtype, bits >>> amount);
      }
      long signed = bits << (64 - width) >> (64 - width);
      return Lanes.wrap(dtype, signed >> (over ? 63 : amount));
    };
  }

  /** Wrapping power; a negative exponent gives 1 for base 1 and else 0, as XLA's. */
  private static long power(DType dtype, long base, long exponent) {
    if (dtype.isSigned() && exponent < 0) {
      return base == 1 ? 1 : 0;
    }
    long result = 1;
    long square = base;
    for (long e = exponent; e != 0; e >>>= 1) {
      if ((e & 1) != 0) {
        result *= square;
      }
      square *= square;
    }
    return Lanes.wrap(dtype, result);
  }

  /** Returns a comparison; it yields 0 or 1. */
  public static LongBinaryOperator compare(
      ComparisonDirection direction, DType dtype, boolean totalOrder) {
    if (dtype.isFloating() && !totalOrder) {
      return switch (direction) {
        case EQ -> (a, b) -> Lanes.toDouble(a) == Lanes.toDouble(b) ? 1 : 0;
        case NE -> (a, b) -> Lanes.toDouble(a) != Lanes.toDouble(b) ? 1 : 0;
        case GE -> (a, b) -> Lanes.toDouble(a) >= Lanes.toDouble(b) ? 1 : 0;
        case GT -> (a, b) -> Lanes.toDouble(a) > Lanes.toDouble(b) ? 1 : 0;
        case LE -> (a, b) -> Lanes.toDouble(a) <= Lanes.toDouble(b) ? 1 : 0;
        case LT -> (a, b) -> Lanes.toDouble(a) < Lanes.toDouble(b) ? 1 : 0;
      };
    }
    LongUnaryOperator key =
        dtype.isFloating()
            ? lane -> lane < 0 ? lane ^ Long.MAX_VALUE : lane
            : dtype == DType.U64 ? lane -> lane ^ Long.MIN_VALUE : lane -> lane;
    return switch (direction) {
      case EQ -> (a, b) -> a == b ? 1 : 0;
      case NE -> (a, b) -> a != b ? 1 : 0;
      case GE -> (a, b) -> key.applyAsLong(a) >= key.applyAsLong(b) ? 1 : 0;
      case GT -> (a, b) -> key.applyAsLong(a) > key.applyAsLong(b) ? 1 : 0;
      case LE -> (a, b) -> key.applyAsLong(a) <= key.applyAsLong(b) ? 1 : 0;
      case LT -> (a, b) -> key.applyAsLong(a) < key.applyAsLong(b) ? 1 : 0;
    };
  }

  /** Returns the conversion between two types; it rounds once. */
  public static LongUnaryOperator convert(DType from, DType to) {
    if (!to.isFloating()) {
      return from.isFloating()
          ? lane -> Lanes.wrap(to, Numbers.saturatingToInteger(to, Lanes.toDouble(lane)))
          : lane -> Lanes.wrap(to, lane);
    }
    if (from.isFloating()) {
      return lane -> encoded(to, Lanes.toDouble(lane));
    }
    if (to == DType.F64 || from.bitWidth() < Long.SIZE) {
      return lane -> encoded(to, Numbers.toDouble(from, Lanes.bits(from, lane)));
    }
    return from == DType.U64
        ? lane -> encoded(to, lane < 0 ? (float) ((lane >>> 1) | (lane & 1)) * 2 : (float) lane)
        : lane -> encoded(to, (float) lane);
  }

  /** Returns {@code reduce-precision}. */
  public static LongUnaryOperator reducePrecision(DType dtype, int exponentBits, int mantissaBits) {
    return Precision.reduce(dtype, exponentBits, mantissaBits);
  }

  /**
   * Returns the conversion of floats to a signed integer type that rounds away from zero if the
   * fraction is greater than a random one: operands (x, unsigned random bits).
   *
   * <p>Source: XLA {@code hlo_evaluator_typed_visitor.h}.
   */
  public static LongBinaryOperator stochasticConvert(DType randomType, DType to) {
    long max = -1L >>> (65 - to.bitWidth());
    int randomWidth = randomType.bitWidth();
    return (lane, random) -> {
      double x = Lanes.toDouble(lane);
      if (Double.isNaN(x)) {
        return 0;
      }
      if (x >= max || x <= -max - 1.0) {
        return x > 0 ? max : -max - 1;
      }
      double magnitude = Math.abs(x);
      long whole = (long) magnitude;
      double scaled = Math.scalb(magnitude - whole, randomWidth);
      long fraction = Numbers.saturatingToInteger(DType.U64, scaled);
      if (Long.compareUnsigned(random, fraction) < 0) {
        whole++;
      }
      return Lanes.wrap(to, x < 0 ? -whole : whole);
    };
  }

  private static long encoded(DType to, double value) {
    return Lanes.fromDouble(Numbers.toDouble(to, Numbers.encodeFloat(to, value)));
  }

  /** Returns whether a float is finite, as 0 or 1. */
  public static LongUnaryOperator isFinite() {
    return lane -> Double.isFinite(Lanes.toDouble(lane)) ? 1 : 0;
  }
}
