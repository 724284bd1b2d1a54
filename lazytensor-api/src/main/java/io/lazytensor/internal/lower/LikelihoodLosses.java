package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.exp;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.log;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.withGradient;
import static io.lazytensor.internal.lower.Primitives.zeros;

import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/** Negative logarithms of likelihoods of counts and real numbers. Formulas: PyTorch. */
public final class LikelihoodLosses {
  private LikelihoodLosses() {}

  /**
   * Returns {@code exp(x) - t x}, or {@code x - t log(x + eps)}.
   *
   * @param logInput whether x is the logarithm of the rate
   * @param full whether Stirling's approximation of {@code log t!} is added for targets above 1
   */
  public static HloInstruction poisson(
      HloBuilder b,
      HloInstruction prediction,
      HloInstruction target,
      boolean logInput,
      boolean full,
      double eps,
      Reduction reduction) {
    HloInstruction x = floats(b, "poissonNll", prediction, target);
    HloInstruction t = convert(b, target, type(x));
    HloInstruction rows =
        logInput ? sub(b, exp(b, x), mul(b, t, x)) : sub(b, x, mul(b, t, log(b, add(b, x, eps))));
    if (full) {
      HloInstruction one = filled(b, type(t), dims(t), 1);
      HloInstruction many = compare(b, ComparisonDirection.GT, t, one);
      HloInstruction safe = select(b, many, t, one);
      HloInstruction root = mul(b, log(b, mul(b, safe, 2 * Math.PI)), 0.5);
      HloInstruction stirling = add(b, sub(b, mul(b, safe, log(b, safe)), safe), root);
      rows = add(b, rows, select(b, many, stirling, zeros(b, t)));
    }
    return convert(b, Losses.reduce(b, rows, reduction), type(prediction));
  }

  /**
   * Returns {@code ½ (log v + (x - t)² / v)}.
   *
   * @param variance of the prediction's shape, at least eps; the gradient passes below that too
   * @param full whether {@code ½ log 2π} is added
   */
  public static HloInstruction gaussian(
      HloBuilder b,
      HloInstruction prediction,
      HloInstruction target,
      HloInstruction variance,
      boolean full,
      double eps,
      Reduction reduction) {
    HloInstruction x = floats(b, "gaussianNll", prediction, target);
    HloInstruction given = floats(b, "gaussianNll", convert(b, variance, type(x)), target);
    HloInstruction v =
        withGradient(
            binary(b, BinaryKind.MAXIMUM, given, eps), given, (g, in, out, gradient) -> gradient);
    HloInstruction d = sub(b, x, convert(b, target, type(x)));
    HloInstruction rows = mul(b, add(b, log(b, v), div(b, mul(b, d, d), v)), 0.5);
    if (full) {
      rows = add(b, rows, 0.5 * Math.log(2 * Math.PI));
    }
    return convert(b, Losses.reduce(b, rows, reduction), type(prediction));
  }

  private static HloInstruction floats(
      HloBuilder b, String op, HloInstruction x, HloInstruction target) {
    if (!dims(x).equals(dims(target)) || !type(x).isFloating()) {
      throw refuse(
          b, op + ": expected floats of one shape, got " + List.of(x.shape(), target.shape()));
    }
    return widen(b, x);
  }
}
