package io.lazytensor.xla.eval;

/** The error function {@code 2/√π ∫₀ˣ exp(-t²) dt} to a few units in the last place of a double. */
final class ErrorFunction {
  // 2/√π and what a double lacks of it.
  private static final double FACTOR = 1.1283791670955126;
  private static final double FACTOR_REST = 1.533545961316588e-17;

  private ErrorFunction() {}

  static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (a < 0.5) {
      return nearZero(x);
    }
    return Math.copySign(a < 1.5 ? series(a) : a < 6 ? 1 - complement(a) : 1, x);
  }

  /** The Maclaurin series; the first term is exact. */
  private static double nearZero(double x) {
    double square = x * x;
    double term = 1;
    double sum = 0;
    for (int n = 1; Math.abs(term) > 1e-18; n++) {
      term *= -square / n;
      sum += term / (2 * n + 1);
    }
    return FACTOR * x + (FACTOR_REST * x + FACTOR * x * sum);
  }

  /**
   * The series {@code 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!}, whose terms are all of one sign
   * (Abramowitz and Stegun, 7.1.6), summed from its end.
   */
  private static double series(double x) {
    double twice = 2 * x * x;
    double sum = 1;
    for (int n = 40; n > 0; n--) {
      sum = 1 + twice / (2 * n + 1) * sum;
    }
    return FACTOR * x * gauss(x) * sum;
  }

  /**
   * The complement {@code 1 - erf} by its continued fraction (Abramowitz and Stegun, 7.1.14), from
   * its end.
   */
  private static double complement(double x) {
    double fraction = x;
    for (int n = 120; n > 0; n--) {
      fraction = x + n / 2.0 / fraction;
    }
    return gauss(x) / fraction / Math.sqrt(Math.PI);
  }

  /** Returns {@code exp(-x²)}; the rounding of the square is put right. */
  private static double gauss(double x) {
    double square = x * x;
    double rest = Math.fma(x, x, -square);
    return Math.exp(-square) * (1 - rest);
  }
}
