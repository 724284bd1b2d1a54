package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.negate;

import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** The two moving averages of Adam and its relatives, and their corrections in one step. */
final class Moments {
  private final UpdateMath math;
  private final double beta1;
  private final double beta2;
  private final @Nullable HloInstruction weight;
  private final HloInstruction minusCorrection1;
  private final HloInstruction rootCorrection2;

  Moments(UpdateMath math, UpdateRule.Inputs inputs, double beta1, double beta2) {
    this.math = math;
    this.beta1 = beta1;
    this.beta2 = beta2;
    HloInstruction step = inputs.counted();
    HloInstruction given = inputs.momentum();
    this.weight = given == null ? null : Primitives.sub(math.b, math.scalars.number(1), given);
    this.minusCorrection1 =
        given == null ? math.powerMinusOne(beta1, step) : math.powerMinusOne(given, step);
    this.rootCorrection2 = math.root(negate(math.b, math.powerMinusOne(beta2, step)));
  }

  /** Returns β₁ᵗ - 1, f32[]. */
  HloInstruction minusCorrection1() {
    return minusCorrection1;
  }

  HloInstruction first(HloInstruction before, HloInstruction gradient) {
    return weight == null
        ? math.lerp(before, gradient, 1 - beta1)
        : math.lerp(before, gradient, weight);
  }

  HloInstruction second(HloInstruction before, HloInstruction gradient) {
    return math.squares(before, gradient, beta2);
  }

  /** Returns the root of a second moment over that of its correction 1 - β₂ᵗ, plus ε. */
  HloInstruction divisor(HloInstruction second, double eps) {
    HloInstruction root = math.root(second);
    HloInstruction corrected =
        Primitives.div(math.b, root, math.scalars.like(root, rootCorrection2));
    return math.plus(corrected, eps);
  }
}
