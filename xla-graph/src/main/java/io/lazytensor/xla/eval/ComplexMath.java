package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * HLO's elementwise operations on complex numbers, in double precision.
 *
 * <p>Branch cuts, signs of zero and results at infinity are those of C's Annex G; XLA's evaluator
 * uses C++'s {@code std::complex}, which has them too. Formulas after W. Kahan, Branch Cuts for
 * Complex Elementary Functions (1987), unless a method says otherwise.
 */
final class ComplexMath {
  private static final double LN2 = Math.log(2);
  private static final double FAR = 0x1p100;

  private ComplexMath() {}

  /** Applies a function whose result is complex, which the magnitude's is not. */
  static ComplexNumber unary(UnaryKind kind, ComplexNumber z) {
    return switch (kind) {
      case ABS -> new ComplexNumber(z.abs(), 0);
      case ACOS -> acos(z);
      case ACOSH -> acosh(z);
      case ASIN -> asin(z);
      case ASINH -> asin(z.timesI()).overI();
      case ATANH -> atanh(z);
      case COPY -> z;
      case COSH -> cosh(z);
      case COSINE -> cosh(z.timesI());
      case EXPONENTIAL -> exp(z);
      case EXPONENTIAL_MINUS_ONE -> expm1(z);
      case LOG -> log(z);
      case LOG_PLUS_ONE -> log1p(z);
      case LOGISTIC -> ComplexNumber.ONE.over(ComplexNumber.ONE.plus(exp(z.negative())));
      case NEGATE -> z.negative();
      case RSQRT -> ComplexNumber.ONE.over(sqrt(z));
      case SIGN -> sign(z);
      case SINE -> sinh(z.timesI()).overI();
      case SINH -> sinh(z);
      case SQRT -> sqrt(z);
      case TAN -> tanh(z.timesI()).overI();
      case TANH -> tanh(z);
      case CBRT,
          CEIL,
          COUNT_LEADING_ZEROS,
          ERF,
          FLOOR,
          NOT,
          POPULATION_COUNT,
          ROUND_NEAREST_AFZ,
          ROUND_NEAREST_EVEN ->
          throw new AssertionError(kind + " of a complex number");
    };
  }

  static ComplexNumber binary(BinaryKind kind, ComplexNumber x, ComplexNumber y) {
    return switch (kind) {
      case ADD -> x.plus(y);
      case ATAN2 -> atan2(x, y);
      case DIVIDE -> x.over(y);
      case MAXIMUM -> x.isNaN() || (!y.isNaN() && !isLess(x, y)) ? x : y;
      case MINIMUM -> x.isNaN() || (!y.isNaN() && !isLess(y, x)) ? x : y;
      case MULTIPLY -> x.times(y);
      case POWER -> power(x, y);
      case SUBTRACT -> x.minus(y);
      case AND,
          MULHI,
          OR,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          XOR ->
          throw new AssertionError(kind + " of complex numbers");
    };
  }

  // StableHLO's order for maximum and minimum: by the real parts, then by the imaginary ones.
  private static boolean isLess(ComplexNumber x, ComplexNumber y) {
    return x.re() == y.re() ? x.im() < y.im() : x.re() < y.re();
  }

  private static ComplexNumber sign(ComplexNumber z) {
    if (z.isNaN()) {
      return ComplexNumber.NAN;
    }
    ComplexNumber scaled = z.times(Math.scalb(1.0, -z.exponent()));
    double magnitude = scaled.abs();
    return magnitude == 0
        ? ComplexNumber.ZERO
        : new ComplexNumber(scaled.re() / magnitude, scaled.im() / magnitude);
  }

  // ---- exponentials -----------------------------------------------------------------------------

  private static ComplexNumber exp(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (y == 0) {
      return new ComplexNumber(Math.exp(x), y);
    }
    if (!Double.isFinite(y)) {
      if (x == Double.NEGATIVE_INFINITY) {
        return ComplexNumber.ZERO;
      }
      return new ComplexNumber(x == Double.POSITIVE_INFINITY ? x : Double.NaN, Double.NaN);
    }
    // Half the exponent twice: the product may be finite where its factor is not.
    double half = Math.exp(x / 2);
    if (x > 700) {
      return new ComplexNumber(half * Math.cos(y) * half, half * Math.sin(y) * half);
    }
    double radius = Math.exp(x);
    return new ComplexNumber(radius * Math.cos(y), radius * Math.sin(y));
  }

  private static ComplexNumber expm1(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (y == 0) {
      return new ComplexNumber(Math.expm1(x), y);
    }
    if (!(x < 50) || !Double.isFinite(y)) {
      return exp(z).minus(ComplexNumber.ONE);
    }
    double sine = Math.sin(y / 2);
    return new ComplexNumber(
        Math.expm1(x) * Math.cos(y) - 2 * sine * sine, Math.exp(x) * Math.sin(y));
  }

  private static ComplexNumber sinh(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (y == 0) {
      return new ComplexNumber(Math.sinh(x), y);
    }
    if (!Double.isFinite(y)) {
      boolean known = x == 0 || Double.isInfinite(x);
      return new ComplexNumber(known ? x : Double.NaN, Double.NaN);
    }
    if (x == 0) {
      return new ComplexNumber(x * Math.cos(y), Math.sin(y));
    }
    if (Math.abs(x) > 700) {
      double half = Math.exp(Math.abs(x) / 2);
      double sign = Math.signum(x);
      return new ComplexNumber(
          sign * (half / 2 * Math.cos(y)) * half, half / 2 * Math.sin(y) * half);
    }
    return new ComplexNumber(Math.sinh(x) * Math.cos(y), Math.cosh(x) * Math.sin(y));
  }

  private static ComplexNumber cosh(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (y == 0 || x == 0) {
      double zero = Math.copySign(0, x) * Math.copySign(1, y);
      if (x == 0) {
        return new ComplexNumber(Math.cos(y), Double.isFinite(y) ? x * Math.sin(y) : zero);
      }
      return new ComplexNumber(Math.cosh(x), zero);
    }
    if (!Double.isFinite(y)) {
      return new ComplexNumber(Double.isInfinite(x) ? Math.abs(x) : Double.NaN, Double.NaN);
    }
    if (Math.abs(x) > 700) {
      double half = Math.exp(Math.abs(x) / 2);
      double sign = Math.signum(x);
      return new ComplexNumber(
          half / 2 * Math.cos(y) * half, sign * (half / 2 * Math.sin(y)) * half);
    }
    return new ComplexNumber(Math.cosh(x) * Math.cos(y), Math.sinh(x) * Math.sin(y));
  }

  private static ComplexNumber tanh(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (Double.isInfinite(x)) {
      double sign = Double.isFinite(y) ? Math.sin(y) * Math.cos(y) : y;
      return new ComplexNumber(Math.copySign(1, x), Math.copySign(0, sign));
    }
    if (y == 0 || x == 0) {
      return y == 0
          ? new ComplexNumber(Math.tanh(x), y)
          : new ComplexNumber(x, Double.isFinite(y) ? Math.tan(y) : Double.NaN);
    }
    if (!Double.isFinite(y) || Double.isNaN(x)) {
      return ComplexNumber.NAN;
    }
    if (Math.abs(x) > 22) {
      double decay = Math.exp(-Math.abs(x));
      return new ComplexNumber(Math.copySign(1, x), 4 * Math.sin(y) * Math.cos(y) * decay * decay);
    }
    double t = Math.tan(y);
    double beta = 1 + t * t;
    double s = Math.sinh(x);
    double rho = Math.sqrt(1 + s * s);
    double denominator = 1 + beta * s * s;
    return new ComplexNumber(beta * rho * s / denominator, t / denominator);
  }

  // ---- logarithms and powers --------------------------------------------------------------------

  private static ComplexNumber log(ComplexNumber z) {
    return new ComplexNumber(logAbs(z.re(), z.im()), z.argument());
  }

  private static double logAbs(double x, double y) {
    double greater = Math.max(Math.abs(x), Math.abs(y));
    double less = Math.min(Math.abs(x), Math.abs(y));
    if (greater > 0.5 && greater < 2) {
      // |z|² - 1 without cancellation.
      return Math.log1p(squareSum(greater, less, -1)) / 2;
    }
    int extreme = greater > 0x1p1000 ? 4 : greater < 0x1p-1000 ? -100 : 0;
    return Math.log(Math.hypot(Math.scalb(x, -extreme), Math.scalb(y, -extreme))) + extreme * LN2;
  }

  private static ComplexNumber log1p(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    double angle = Math.atan2(y, 1 + x);
    boolean nearMinusOne = Math.abs(1 + x) + Math.abs(y) < 0.5;
    if (nearMinusOne || !(Math.abs(x) < FAR && Math.abs(y) < FAR)) {
      return new ComplexNumber(logAbs(1 + x, y), angle);
    }
    // |1 + z|² - 1 = x² + y² + 2 x without cancellation.
    return new ComplexNumber(Math.log1p(squareSum(x, y, 2 * x)) / 2, angle);
  }

  /** Returns {@code a² + b² + c} with the parts that rounding cuts off (Dekker, Knuth). */
  private static double squareSum(double a, double b, double c) {
    double aa = a * a;
    double bb = b * b;
    double low = Math.fma(a, a, -aa) + Math.fma(b, b, -bb);
    double first = aa + c;
    low += error(aa, c, first);
    double second = first + bb;
    low += error(first, bb, second);
    return second + low;
  }

  private static double error(double a, double b, double sum) {
    double other = sum - a;
    return (a - (sum - other)) + (b - other);
  }

  static ComplexNumber sqrt(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (x == 0 && y == 0) {
      return new ComplexNumber(0, y);
    }
    if (Double.isInfinite(y)) {
      return new ComplexNumber(Double.POSITIVE_INFINITY, y);
    }
    if (Double.isInfinite(x)) {
      double other = Double.isNaN(y) ? y : 0;
      return x > 0
          ? new ComplexNumber(x, Math.copySign(other, y))
          : new ComplexNumber(Math.abs(other), Math.copySign(x, y));
    }
    if (z.isNaN()) {
      return ComplexNumber.NAN;
    }
    int exponent = z.exponent() & ~1;
    double scaled = Math.abs(Math.scalb(x, -exponent));
    double magnitude = Math.hypot(scaled, Math.scalb(y, -exponent));
    double greater = Math.scalb(Math.sqrt((scaled + magnitude) / 2), exponent / 2);
    return x >= 0
        ? new ComplexNumber(greater, y / greater / 2)
        : new ComplexNumber(Math.abs(y) / greater / 2, Math.copySign(greater, y));
  }

  private static ComplexNumber power(ComplexNumber x, ComplexNumber y) {
    if (x.same(ComplexNumber.ONE) || y.same(ComplexNumber.ZERO)) {
      return ComplexNumber.ONE;
    }
    boolean positive = x.im() == 0 && x.re() > 0;
    if (positive && y.im() == 0) {
      return new ComplexNumber(Math.pow(x.re(), y.re()), 0);
    }
    return exp(y.times(log(x)));
  }

  // XLA's: -i log((x + i y) / sqrt(x² + y²)).
  private static ComplexNumber atan2(ComplexNumber y, ComplexNumber x) {
    ComplexNumber radius = sqrt(x.times(x).plus(y.times(y)));
    return log(x.plus(y.timesI()).over(radius)).overI();
  }

  // ---- inverses of trigonometric and hyperbolic functions ---------------------------------------

  private static ComplexNumber acos(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (isFar(z)) {
      double angle = z.isInfinite() ? angle(Math.abs(y), x) : Math.atan2(Math.abs(y), x);
      return new ComplexNumber(angle, -Math.copySign(logAbs(x, y) + LN2, y));
    }
    if (z.isNaN()) {
      return new ComplexNumber(x == 0 ? Math.PI / 2 : Double.NaN, Double.NaN);
    }
    ComplexNumber minus = sqrt(new ComplexNumber(1 - x, -y));
    ComplexNumber plus = sqrt(new ComplexNumber(1 + x, y));
    return new ComplexNumber(
        2 * Math.atan2(minus.re(), plus.re()),
        ScalarMath.asinh(plus.re() * minus.im() - plus.im() * minus.re()));
  }

  private static ComplexNumber acosh(ComplexNumber z) {
    ComplexNumber angle = acos(z);
    return new ComplexNumber(Math.abs(angle.im()), Math.copySign(angle.re(), z.im()));
  }

  private static ComplexNumber asin(ComplexNumber z) {
    double x = z.re();
    double y = z.im();
    if (isFar(z)) {
      double angle = z.isInfinite() ? angle(x, Math.abs(y)) : Math.atan2(x, Math.abs(y));
      return new ComplexNumber(angle, Math.copySign(logAbs(x, y) + LN2, y));
    }
    if (z.isNaN()) {
      return new ComplexNumber(x == 0 ? x : Double.NaN, Double.NaN);
    }
    ComplexNumber minus = sqrt(new ComplexNumber(1 - x, -y));
    ComplexNumber plus = sqrt(new ComplexNumber(1 + x, y));
    return new ComplexNumber(
        Math.atan2(x, minus.re() * plus.re() - minus.im() * plus.im()),
        ScalarMath.asinh(minus.re() * plus.im() - minus.im() * plus.re()));
  }

  // Where ±1 is nothing beside z, and log(2 |z|) is the inverse hyperbolic sine of |z|.
  private static boolean isFar(ComplexNumber z) {
    return z.isInfinite() || Math.abs(z.re()) > FAR || Math.abs(z.im()) > FAR;
  }

  /** Returns the angle of a point at infinity, an eighth of a turn if both parts are infinite. */
  private static double angle(double y, double x) {
    return Double.isNaN(x) || Double.isNaN(y)
        ? Double.NaN
        : Math.atan2(
            Math.copySign(Double.isInfinite(y) ? 1 : 0, y),
            Math.copySign(Double.isInfinite(x) ? 1 : 0, x));
  }

  private static ComplexNumber atanh(ComplexNumber z) {
    double x = Math.abs(z.re());
    double y = z.im();
    if (Double.isInfinite(y) || (Double.isInfinite(x) && !Double.isNaN(y))) {
      return new ComplexNumber(Math.copySign(0, z.re()), Math.copySign(Math.PI / 2, y));
    }
    if (z.isNaN()) {
      boolean zero = x == 0 || Double.isInfinite(x);
      return new ComplexNumber(zero ? Math.copySign(0, z.re()) : Double.NaN, Double.NaN);
    }
    double angle = Math.atan2(2 * y, (1 - x) * (1 + x) - y * y) / 2;
    if (isFar(z)) {
      // The first term of the series in 1 / z.
      double real = ComplexNumber.ONE.over(new ComplexNumber(x, y)).re();
      return new ComplexNumber(Math.copySign(real, z.re()), Math.copySign(Math.PI / 2, y));
    }
    if (x == 1 && Math.abs(y) < 0x1p-100) {
      // y² may be nothing.
      double real = (LN2 - Math.log(Math.abs(y))) / 2;
      return new ComplexNumber(Math.copySign(real, z.re()), y == 0 ? y : angle);
    }
    double real = Math.log1p(4 * x / ((1 - x) * (1 - x) + y * y)) / 4;
    return new ComplexNumber(Math.copySign(real, z.re()), angle);
  }
}
