package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent, formula and order of operations of PyTorch's {@code torch.optim.SGD}
 * ({@code _single_tensor_sgd}). One object serves one step of a parameter group.
 */
public final class SgdUpdate {
  /**
   * Settings; PyTorch's defaults are all 0 and false.
   *
   * @param momentum share of the buffer that stays
   * @param dampening share of the gradient kept out of the buffer, but for the first step
   * @param weightDecay times the parameter is added to the gradient
   * @param nesterov whether to look ahead
   * @param maximize whether to climb
   */
  public record Options(
      double momentum, double dampening, double weightDecay, boolean nesterov, boolean maximize) {}

  /**
   * New values.
   *
   * @param parameter the parameter
   * @param buffer the momentum buffer; null without momentum
   */
  public record Result(HloInstruction parameter, @Nullable HloInstruction buffer) {}

  private final HloBuilder b;
  private final Options options;
  private final SharedScalars scalars;
  private final HloInstruction descent;
  private final @Nullable HloInstruction share;

  /**
   * Starts a step.
   *
   * @param learningRate f32[]
   * @param step f32[], the number of steps before this one; needed for dampening only
   */
  public SgdUpdate(
      HloBuilder b, HloInstruction learningRate, @Nullable HloInstruction step, Options options) {
    if (options.nesterov() && (options.momentum() <= 0 || options.dampening() != 0)) {
      throw new IllegalArgumentException("nesterov needs a momentum and no dampening: " + options);
    }
    this.b = b;
    this.options = options;
    this.scalars = new SharedScalars(b);
    this.descent = negate(b, learningRate);
    this.share = gradientShare(step);
  }

  /** The first gradient enters the buffer, which starts at 0, undamped. */
  private @Nullable HloInstruction gradientShare(@Nullable HloInstruction step) {
    if (options.momentum() == 0 || options.dampening() == 0) {
      return null;
    }
    if (step == null) {
      throw new IllegalArgumentException("dampening needs the step count: " + options);
    }
    HloInstruction first = compare(b, ComparisonDirection.EQ, step, 0);
    return select(b, first, scalars.number(1), scalars.number(1 - options.dampening()));
  }

  /**
   * Records the update of one parameter.
   *
   * @param buffer the momentum buffer, zeros before the first step; null without momentum
   */
  public Result update(
      HloInstruction parameter, HloInstruction gradient, @Nullable HloInstruction buffer) {
    HloInstruction g = convert(b, gradient, type(parameter));
    g = options.maximize() ? negate(b, g) : g;
    if (options.weightDecay() != 0) {
      g = add(b, g, mul(b, parameter, scalars.like(parameter, options.weightDecay())));
    }
    HloInstruction next = null;
    if (options.momentum() != 0) {
      if (buffer == null) {
        throw new IllegalArgumentException("momentum needs a buffer: " + options);
      }
      HloInstruction momentum = scalars.like(buffer, options.momentum());
      HloInstruction part = share == null ? g : mul(b, g, scalars.like(g, share));
      next = add(b, mul(b, buffer, momentum), part);
      g = options.nesterov() ? add(b, g, mul(b, next, momentum)) : next;
    }
    return new Result(add(b, parameter, mul(b, g, scalars.like(g, descent))), next);
  }
}
