package io.lazytensor.xla.testing;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.Backend;
import java.util.List;

/** Compares a backend with the evaluator; a difference is an {@link AssertionError}. */
public final class Oracle {
  private final Backend backend;

  public Oracle(Backend backend) {
    this.backend = backend;
  }

  /** Requires equal values: NaN for NaN, everything else bit for bit. */
  public void same(HloModule module, List<Literal> arguments, String what) {
    compare(module, arguments, 0, 0, what);
  }

  /** Requires values within a number of units in the last place of their type, about. */
  public void close(HloModule module, List<Literal> arguments, double units, String what) {
    compare(module, arguments, units, 0, what);
  }

  /** As {@link #close}, where the error is that of values of a scale, such as summands. */
  public void close(
      HloModule module, List<Literal> arguments, double units, double scale, String what) {
    compare(module, arguments, units, scale, what);
  }

  private void compare(
      HloModule module, List<Literal> arguments, double units, double scale, String what) {
    List<Literal> expected = HloEvaluator.evaluate(module, arguments);
    List<Literal> got = Graphs.run(backend, module, arguments);
    requireEqual(expected.size(), got.size(), what);
    for (int k = 0; k < got.size(); k++) {
      Literal want = expected.get(k);
      Literal have = got.get(k);
      requireEqual(want.shape(), have.shape(), what);
      for (int i = 0; i < want.shape().elementCount(); i++) {
        if (!matches(want.shape().dtype(), want, have, i, units, scale)) {
          throw new AssertionError(
              what
                  + ": result "
                  + k
                  + " element "
                  + i
                  + " of "
                  + want.shape()
                  + ": expected "
                  + want.toDouble(i)
                  + ", got "
                  + have.toDouble(i));
        }
      }
    }
  }

  private static void requireEqual(Object expected, Object got, String what) {
    if (!expected.equals(got)) {
      throw new AssertionError(what + ": expected " + expected + ", got " + got);
    }
  }

  private static boolean matches(
      DType dtype, Literal want, Literal have, int i, double units, double scale) {
    if (want.bits(i) == have.bits(i)) {
      return true;
    }
    if (!dtype.isFloating()) {
      return false;
    }
    double a = want.toDouble(i);
    double b = have.toDouble(i);
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Double.isNaN(a) && Double.isNaN(b);
    }
    if (a == b) {
      return units > 0;
    }
    // Where functions are approximated, engines may flush subnormal results to zero.
    double flushed = units >= 1 ? smallest(dtype) : 0;
    double absolute = Math.max(Math.abs(a), Math.max(smallest(dtype), scale));
    return Math.abs(a - b) <= flushed + units * epsilon(dtype) * absolute;
  }

  private static double epsilon(DType dtype) {
    return switch (dtype) {
      case F64 -> 0x1p-52;
      case F32 -> 0x1p-23;
      case F16 -> 0x1p-10;
      default -> 0x1p-7;
    };
  }

  private static double smallest(DType dtype) {
    return switch (dtype) {
      case F64 -> Double.MIN_NORMAL;
      case F16 -> 0x1p-14;
      default -> Float.MIN_NORMAL;
    };
  }
}
