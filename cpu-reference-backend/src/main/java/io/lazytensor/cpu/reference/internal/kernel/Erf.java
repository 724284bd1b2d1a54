package io.lazytensor.cpu.reference.internal.kernel;

/** The error function in double precision. */
final class Erf {
  /** Terms of the series and of the fraction that are above rounding at 1, where both end. */
  private static final int TERMS = 20;

  private static final int LEVELS = 200;
  private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

  /** {@code (-1)^n / (n! (2n + 1))}. */
  private static final double[] SERIES = series();

  private Erf() {}

  private static double[] series() {
    double[] series = new double[TERMS];
    double factorial = 1;
    for (int n = 0; n < TERMS; n++) {
      factorial *= n == 0 ? 1 : n;
      series[n] = (n % 2 == 0 ? 1 : -1) / (factorial * (2 * n + 1));
    }
    return series;
  }

  /**
   * Returns erf(x): the Maclaurin series below 1, the continued fraction of erfc above (Abramowitz
   * and Stegun 7.1.5 and 7.1.14).
   */
  static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x) || a == 0) {
      return x;
    }
    if (a > 6) {
      return Math.copySign(1, x);
    }
    if (a < 1) {
      double sum = 0;
      for (int n = TERMS - 1; n >= 0; n--) {
        sum = sum * a * a + SERIES[n];
      }
      return TWO_OVER_ROOT_PI * sum * x;
    }
    double tail = a;
    for (int n = LEVELS; n > 0; n--) {
      tail = a + n / 2.0 / tail;
    }
    return Math.copySign(1 - TWO_OVER_ROOT_PI * Math.exp(-a * a) / 2 / tail, x);
  }
}
