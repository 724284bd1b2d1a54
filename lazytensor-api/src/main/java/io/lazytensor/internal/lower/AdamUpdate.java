package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import org.jspecify.annotations.Nullable;

/**
 * Adam and AdamW, formula and order of operations of PyTorch's {@code torch.optim.AdamW} ({@code
 * _single_tensor_adam}). One object serves one step of a parameter group.
 */
public final class AdamUpdate {
  /**
   * Settings.
   *
   * @param beta1 decay of the first moment; PyTorch's default is 0.9
   * @param beta2 decay of the second moment; PyTorch's default is 0.999
   * @param eps added to the root of the second moment after bias correction; default 1e-8
   * @param weightDecay PyTorch's default is 0.01 for AdamW, 0 for Adam
   * @param decoupled whether the decay shrinks the parameter (AdamW) or is added to the gradient
   *     (Adam)
   * @param amsgrad whether to divide by the greatest second moment so far
   * @param maximize whether to climb
   */
  public record Options(
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean decoupled,
      boolean amsgrad,
      boolean maximize) {}

  /**
   * New values.
   *
   * @param parameter the parameter
   * @param firstMoment {@code exp_avg}
   * @param secondMoment {@code exp_avg_sq}
   * @param maxSecondMoment {@code max_exp_avg_sq}; null without amsgrad
   */
  public record Result(
      HloInstruction parameter,
      HloInstruction firstMoment,
      HloInstruction secondMoment,
      @Nullable HloInstruction maxSecondMoment) {}

  private final HloBuilder b;
  private final Options options;
  private final SharedScalars scalars;
  private final HloInstruction descent;
  private final HloInstruction rootCorrection2;
  private final @Nullable HloInstruction shrink;

  /**
   * Starts a step.
   *
   * @param learningRate f32[]
   * @param step f32[], the number of this step, 1 for the first
   */
  public AdamUpdate(
      HloBuilder b, HloInstruction learningRate, HloInstruction step, Options options) {
    this.b = b;
    this.options = options;
    this.scalars = new SharedScalars(b);
    HloInstruction decay1 = powerMinusOne(options.beta1(), step);
    // lr / (β₁ᵗ - 1) is minus the step size lr / (1 - β₁ᵗ).
    this.descent = div(b, learningRate, decay1);
    this.rootCorrection2 =
        unary(b, UnaryKind.SQRT, negate(b, powerMinusOne(options.beta2(), step)));
    boolean shrinks = options.decoupled() && options.weightDecay() != 0;
    this.shrink =
        shrinks
            ? sub(b, scalars.number(1), mul(b, learningRate, scalars.number(options.weightDecay())))
            : null;
  }

  /** Returns βᵗ - 1; PyTorch has it in double, in f32 1 - 0.999 would lose 15 bits. */
  private HloInstruction powerMinusOne(double beta, HloInstruction step) {
    HloInstruction exponent = mul(b, step, scalars.number(Math.log(beta)));
    return unary(b, UnaryKind.EXPONENTIAL_MINUS_ONE, exponent);
  }

  /**
   * Records the update of one parameter; the moments are zeros before the first step.
   *
   * @param maxSecondMoment null without amsgrad
   */
  public Result update(
      HloInstruction parameter,
      HloInstruction gradient,
      HloInstruction firstMoment,
      HloInstruction secondMoment,
      @Nullable HloInstruction maxSecondMoment) {
    HloInstruction g = convert(b, gradient, type(parameter));
    g = options.maximize() ? negate(b, g) : g;
    HloInstruction p = parameter;
    if (shrink != null) {
      p = mul(b, p, scalars.like(p, shrink));
    } else if (options.weightDecay() != 0) {
      g = add(b, g, mul(b, p, scalars.like(p, options.weightDecay())));
    }
    HloInstruction first = lerp(firstMoment, g, 1 - options.beta1());
    HloInstruction square = mul(b, mul(b, g, scalars.like(g, 1 - options.beta2())), g);
    HloInstruction kept = mul(b, secondMoment, scalars.like(secondMoment, options.beta2()));
    HloInstruction second = add(b, kept, square);
    HloInstruction greatest = null;
    if (options.amsgrad()) {
      if (maxSecondMoment == null) {
        throw new IllegalArgumentException("amsgrad needs the greatest second moment: " + options);
      }
      greatest = binary(b, BinaryKind.MAXIMUM, maxSecondMoment, second);
    }
    HloInstruction root = unary(b, UnaryKind.SQRT, greatest == null ? second : greatest);
    HloInstruction corrected = div(b, root, scalars.like(root, rootCorrection2));
    HloInstruction divisor = add(b, corrected, scalars.like(root, options.eps()));
    HloInstruction direction = div(b, mul(b, first, scalars.like(first, descent)), divisor);
    return new Result(add(b, p, direction), first, second, greatest);
  }

  /** Returns {@code torch.lerp(start, end, weight)} in its two numerically different forms. */
  private HloInstruction lerp(HloInstruction start, HloInstruction end, double weight) {
    HloInstruction difference = sub(b, end, start);
    return weight < 0.5
        ? add(b, start, mul(b, difference, scalars.like(start, weight)))
        : sub(b, end, mul(b, difference, scalars.like(start, 1 - weight)));
  }
}
