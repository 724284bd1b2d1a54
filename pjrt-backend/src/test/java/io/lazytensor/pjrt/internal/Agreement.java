package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import java.util.List;

/**
 * How far results are from expected ones.
 *
 * @param units the largest difference in units in the last place of the type; infinite where one is
 *     NaN, infinite or an integer and the other something else
 * @param scaled the same, in units of the largest magnitude of the result
 * @param signs whether zeros have other signs
 * @param where the element of the largest difference
 */
record Agreement(double units, double scaled, boolean signs, String where) {
  static Agreement of(List<Literal> expected, List<Literal> got) {
    Agreement worst = new Agreement(0, 0, false, "");
    if (expected.size() != got.size()) {
      return different(expected.size() + " results and " + got.size());
    }
    for (int i = 0; i < got.size(); i++) {
      if (!expected.get(i).shape().equals(got.get(i).shape())) {
        return different(expected.get(i).shape() + " and " + got.get(i).shape());
      }
      worst = worst.and(of(expected.get(i), got.get(i), "result " + i));
    }
    return worst;
  }

  private static Agreement different(String where) {
    return new Agreement(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, false, where);
  }

  private Agreement and(Agreement other) {
    return new Agreement(
        Math.max(units, other.units),
        Math.max(scaled, other.scaled),
        signs || other.signs,
        other.units > units || where.isEmpty() ? other.where : where);
  }

  private static Agreement of(Literal expected, Literal got, String which) {
    DType dtype = expected.shape().dtype();
    long count = expected.shape().elementCount();
    double scale = 0;
    for (int i = 0; i < count && (dtype.isFloating() || dtype.isComplex()); i++) {
      double magnitude = Math.hypot(real(expected, i), imaginary(expected, i));
      scale = Double.isFinite(magnitude) ? Math.max(scale, magnitude) : scale;
    }
    Agreement worst = new Agreement(0, 0, false, "");
    for (int i = 0; i < count; i++) {
      worst = worst.and(element(expected, got, i, scale, which));
    }
    return worst;
  }

  private static Agreement element(
      Literal expected, Literal got, int i, double scale, String which) {
    DType dtype = expected.shape().dtype();
    if (!dtype.isFloating() && !dtype.isComplex()) {
      return expected.bits(i) == got.bits(i)
          ? new Agreement(0, 0, false, "")
          : different(
              "%s element %d of %s: expected %d, got %d"
                  .formatted(which, i, expected.shape(), expected.bits(i), got.bits(i)));
    }
    double magnitude = Math.hypot(real(expected, i), imaginary(expected, i));
    double a = distance(dtype, real(expected, i), real(got, i), magnitude);
    double b = distance(dtype, imaginary(expected, i), imaginary(got, i), magnitude);
    double apart = Math.max(a, b);
    double lowered =
        apart == 0
            ? 0
            : apart * Math.max(magnitude, smallest(dtype)) / Math.max(scale, smallest(dtype));
    boolean signs =
        real(expected, i) == 0
            && real(got, i) == 0
            && Double.compare(real(expected, i), real(got, i)) != 0;
    String where =
        "%s element %d of %s: expected %s, got %s"
            .formatted(which, i, expected.shape(), text(expected, i), text(got, i));
    return new Agreement(
        apart, Double.isInfinite(apart) ? apart : lowered, signs, apart > 0 || signs ? where : "");
  }

  private static String text(Literal literal, int i) {
    return literal.shape().dtype().isComplex()
        ? "(" + real(literal, i) + ", " + imaginary(literal, i) + ")"
        : String.valueOf(real(literal, i));
  }

  private static double real(Literal literal, int i) {
    return literal.shape().dtype().isComplex() ? literal.realPart(i) : literal.toDouble(i);
  }

  private static double imaginary(Literal literal, int i) {
    return literal.shape().dtype().isComplex() ? literal.imaginaryPart(i) : 0;
  }

  private static double distance(DType dtype, double expected, double got, double magnitude) {
    if (Double.compare(expected, got) == 0 || expected == got) {
      return 0;
    }
    double difference = Math.abs(expected - got);
    // Subnormal numbers count as zero: XLA flushes them where functions are approximated.
    if (difference <= smallest(dtype)) {
      return 0;
    }
    double size = Double.isFinite(magnitude) ? magnitude : Math.abs(expected);
    return Double.isFinite(difference)
        ? difference / (epsilon(dtype) * Math.max(size, smallest(dtype)))
        : Double.POSITIVE_INFINITY;
  }

  private static double epsilon(DType dtype) {
    return switch (dtype.realType()) {
      case F64 -> 0x1p-52;
      case F32 -> 0x1p-23;
      case F16 -> 0x1p-10;
      case BF16 -> 0x1p-7;
      case F8E4M3FN, F8E4M3, F8E4M3B11FNUZ, F8E4M3FNUZ -> 0x1p-3;
      case F8E3M4 -> 0x1p-4;
      case F8E5M2, F8E5M2FNUZ -> 0x1p-2;
      default -> 0x1p-1;
    };
  }

  private static double smallest(DType dtype) {
    return switch (dtype.realType()) {
      case F64 -> Double.MIN_NORMAL;
      case F32, BF16 -> Float.MIN_NORMAL;
      case F16 -> 0x1p-14;
      default -> 0;
    };
  }
}
