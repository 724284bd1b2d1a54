package io.lazytensor.examples.goldens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.DType;

/**
 * How far a result may be from PyTorch's: at most four times as far from the {@code f64} truth as
 * PyTorch's own in the same type, or {@code 5e-7} of the tensor's greatest magnitude. Integers,
 * truth values, infinities and NaN are equal.
 */
final class Tolerance {
  private static final double TIMES_PYTORCH = 4;
  private static final double SHARE_OF_LARGEST = 5e-7;

  private Tolerance() {}

  static void check(Golden golden, String array, GoldenArray actual) {
    GoldenArray expected = golden.expected(array);
    double[] truth = golden.truth(array).values();
    String what = golden.name() + "." + array;
    assertEquals(expected.shape(), actual.shape(), what);
    double allowed = allowed(expected, truth);
    for (int i = 0; i < truth.length; i++) {
      double theirs = expected.values()[i];
      double ours = actual.values()[i];
      boolean same = Double.compare(theirs, ours) == 0 || theirs == ours;
      boolean close = Double.isFinite(theirs) && Math.abs(ours - truth[i]) <= allowed;
      String where = "%s[%d]: PyTorch has %s, truth is %s, got %s, allowed is %.3g";
      assertTrue(same || close, where.formatted(what, i, theirs, truth[i], ours, allowed));
    }
  }

  private static double allowed(GoldenArray expected, double[] truth) {
    DType type = expected.shape().dtype();
    if (!type.isFloating()) {
      return 0;
    }
    double error = 0;
    double largest = 0;
    for (int i = 0; i < truth.length; i++) {
      if (Double.isFinite(expected.values()[i]) && Double.isFinite(truth[i])) {
        error = Math.max(error, Math.abs(expected.values()[i] - truth[i]));
        largest = Math.max(largest, Math.abs(truth[i]));
      }
    }
    return Math.max(TIMES_PYTORCH * error, SHARE_OF_LARGEST * largest);
  }
}
