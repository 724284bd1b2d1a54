package io.lazytensor.cpu.reference.internal.kernel;

/** The error function in double precision. */
final class Erf {
  private Erf() {}

  /**
   * Returns erf(x): the Maclaurin series below 3, the continued fraction of erfc above (Abramowitz
   * and Stegun 7.1.6 and 7.1.14).
   */
  static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x) || a == 0) {
      return x;
    }
    if (a > 6) {
      return Math.copySign(1, x);
    }
    double scaled = 2 / Math.sqrt(Math.PI) * Math.exp(-a * a);
    if (a < 3) {
      double term = a;
      double sum = a;
      for (int n = 1; term > 1e-17 * sum; n++) {
        term *= 2 * a * a / (2 * n + 1);
        sum += term;
      }
      return Math.copySign(scaled * sum, x);
    }
    double tail = a;
    for (int n = 60; n > 0; n--) {
      tail = a + n / 2.0 / tail;
    }
    return Math.copySign(1 - scaled / 2 / tail, x);
  }
}
