package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.select;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent, formula and order of operations of PyTorch's {@code torch.optim.SGD}
 * ({@code _single_tensor_sgd}). PyTorch's defaults are all 0 and false.
 *
 * @param momentum share of the buffer that stays
 * @param dampening share of the gradient kept out of the buffer, but for the first step
 * @param weightDecay times the parameter is added to the gradient
 * @param nesterov whether to look ahead
 * @param maximize whether to climb
 */
public record SgdRule(
    double momentum, double dampening, double weightDecay, boolean nesterov, boolean maximize)
    implements UpdateRule {
  /** Checks that the settings fit each other. */
  public SgdRule {
    if (nesterov && (momentum <= 0 || dampening != 0)) {
      throw new IllegalArgumentException(
          "Nesterov momentum needs a momentum and zero dampening, got momentum=%s, dampening=%s"
              .formatted(momentum, dampening));
    }
  }

  /** The first gradient enters the buffer undamped, so that dampening depends on the step. */
  @Override
  public boolean countsSteps() {
    return momentum != 0 && dampening != 0;
  }

  @Override
  public List<StateSpec> states(ArrayShape parameter) {
    return momentum == 0 ? List.of() : List.of(StateSpec.zeros("momentum_buffer", parameter));
  }

  @Override
  public GroupUpdate start(HloBuilder b, Inputs inputs) {
    UpdateMath math = new UpdateMath(b);
    Descent descent = new Descent(math, inputs);
    return (parameter, gradient, states) -> {
      HloInstruction g = math.gradient(parameter, gradient, maximize);
      return descent.along(math.decayed(g, parameter, weightDecay), parameter, states);
    };
  }

  /** One step with momentum, shared with rules that change gradients before. */
  final class Descent {
    private final UpdateMath math;
    private final HloInstruction descent;
    private final HloInstruction kept;
    private final @Nullable HloInstruction share;

    Descent(UpdateMath math, Inputs inputs) {
      this.math = math;
      HloInstruction given = inputs.momentum();
      this.descent = negate(math.b, inputs.learningRate());
      this.kept = given == null ? math.scalars.number(momentum) : given;
      this.share = countsSteps() ? gradientShare(inputs.counted()) : null;
    }

    private HloInstruction gradientShare(HloInstruction step) {
      HloInstruction first = compare(math.b, ComparisonDirection.EQ, step, 1);
      return select(math.b, first, math.scalars.number(1), math.scalars.number(1 - dampening));
    }

    Result along(HloInstruction gradient, HloInstruction parameter, List<HloInstruction> states) {
      HloBuilder b = math.b;
      HloInstruction g = gradient;
      if (momentum != 0) {
        HloInstruction buffer = states.getFirst();
        HloInstruction factor = math.scalars.like(buffer, kept);
        HloInstruction part = share == null ? g : math.times(g, share);
        HloInstruction next = add(b, mul(b, buffer, factor), part);
        g = nesterov ? add(b, g, mul(b, next, factor)) : next;
        return new Result(add(b, parameter, math.times(g, descent)), List.of(next));
      }
      return new Result(add(b, parameter, math.times(g, descent)), List.of());
    }
  }
}
