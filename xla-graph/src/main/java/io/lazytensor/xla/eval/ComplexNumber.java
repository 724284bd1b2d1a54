package io.lazytensor.xla.eval;

/**
 * A complex number in double precision.
 *
 * <p>Products and quotients of infinities are infinite, as C's Annex G has it: {@code (∞ + NaN i)}
 * is an infinity.
 */
record ComplexNumber(double re, double im) {
  static final ComplexNumber ZERO = new ComplexNumber(0, 0);
  static final ComplexNumber ONE = new ComplexNumber(1, 0);
  static final ComplexNumber NAN = new ComplexNumber(Double.NaN, Double.NaN);

  ComplexNumber plus(ComplexNumber y) {
    return new ComplexNumber(re + y.re, im + y.im);
  }

  ComplexNumber minus(ComplexNumber y) {
    return new ComplexNumber(re - y.re, im - y.im);
  }

  ComplexNumber negative() {
    return new ComplexNumber(-re, -im);
  }

  /** Returns i times this. */
  ComplexNumber timesI() {
    return new ComplexNumber(-im, re);
  }

  /** Returns -i times this. */
  ComplexNumber overI() {
    return new ComplexNumber(im, -re);
  }

  ComplexNumber times(double factor) {
    return new ComplexNumber(re * factor, im * factor);
  }

  ComplexNumber times(ComplexNumber y) {
    double a = re * y.re - im * y.im;
    double b = re * y.im + im * y.re;
    return Double.isNaN(a) && Double.isNaN(b) ? infiniteProduct(y) : new ComplexNumber(a, b);
  }

  private ComplexNumber infiniteProduct(ComplexNumber y) {
    boolean overflown =
        Double.isInfinite(re * y.re)
            || Double.isInfinite(im * y.im)
            || Double.isInfinite(re * y.im)
            || Double.isInfinite(im * y.re);
    if (!isInfinite() && !y.isInfinite() && !overflown) {
      return NAN;
    }
    ComplexNumber p = isInfinite() ? direction() : this;
    ComplexNumber q = y.isInfinite() ? y.direction() : y;
    p = p.withoutNaN();
    q = q.withoutNaN();
    return new ComplexNumber(
        Double.POSITIVE_INFINITY * (p.re * q.re - p.im * q.im),
        Double.POSITIVE_INFINITY * (p.re * q.im + p.im * q.re));
  }

  ComplexNumber over(ComplexNumber y) {
    // Powers of two keep the squares and products in range.
    int down = y.exponent();
    int up = exponent() > 1000 ? 8 : exponent() < -900 ? -200 : 0;
    double c = Math.scalb(y.re, -down);
    double d = Math.scalb(y.im, -down);
    double a = Math.scalb(re, -up);
    double b = Math.scalb(im, -up);
    double norm = c * c + d * d;
    double real = Math.scalb((a * c + b * d) / norm, up - down);
    double imaginary = Math.scalb((b * c - a * d) / norm, up - down);
    return Double.isNaN(real) && Double.isNaN(imaginary)
        ? infiniteQuotient(y)
        : new ComplexNumber(real, imaginary);
  }

  private ComplexNumber infiniteQuotient(ComplexNumber y) {
    if (y.re == 0 && y.im == 0) {
      double infinity = Math.copySign(Double.POSITIVE_INFINITY, y.re);
      return new ComplexNumber(infinity * re, infinity * im);
    }
    boolean finiteDivisor = Double.isFinite(y.re) && Double.isFinite(y.im);
    if (isInfinite() && finiteDivisor) {
      ComplexNumber p = direction().withoutNaN();
      return new ComplexNumber(
          Double.POSITIVE_INFINITY * (p.re * y.re + p.im * y.im),
          Double.POSITIVE_INFINITY * (p.im * y.re - p.re * y.im));
    }
    if (y.isInfinite() && Double.isFinite(re) && Double.isFinite(im)) {
      ComplexNumber q = y.direction().withoutNaN();
      return new ComplexNumber(0 * (re * q.re + im * q.im), 0 * (im * q.re - re * q.im));
    }
    return NAN;
  }

  double abs() {
    return Math.hypot(re, im);
  }

  /** Returns the angle from the positive real axis, in [-π, π]. */
  double argument() {
    return Math.atan2(im, re);
  }

  boolean isInfinite() {
    return Double.isInfinite(re) || Double.isInfinite(im);
  }

  boolean isNaN() {
    return Double.isNaN(re) || Double.isNaN(im);
  }

  /** Compares by IEEE's rules. */
  boolean same(ComplexNumber y) {
    return re == y.re && im == y.im;
  }

  /** Returns the exponent of the greater part; 0 for zero and what is not finite. */
  int exponent() {
    double greater = Math.max(Math.abs(re), Math.abs(im));
    return Double.isFinite(greater) && greater != 0 ? Math.getExponent(greater) : 0;
  }

  /** Returns ±1 for each infinite part and ±0 for the others. */
  private ComplexNumber direction() {
    return new ComplexNumber(
        Math.copySign(Double.isInfinite(re) ? 1 : 0, re),
        Math.copySign(Double.isInfinite(im) ? 1 : 0, im));
  }

  private ComplexNumber withoutNaN() {
    return isNaN()
        ? new ComplexNumber(
            Double.isNaN(re) ? Math.copySign(0, re) : re,
            Double.isNaN(im) ? Math.copySign(0, im) : im)
        : this;
  }
}
