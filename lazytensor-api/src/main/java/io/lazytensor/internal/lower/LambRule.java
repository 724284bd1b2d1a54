package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.div;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/**
 * LAMB (You et al. 2020, algorithm 2): Adam's direction, scaled for each parameter by the ratio of
 * its norm to that of the direction.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param eps added to the root of the second moment after bias correction
 * @param weightDecay times the parameter is added to the direction
 * @param always whether parameters without weight decay are scaled too, apex's {@code use_nvlamb}
 * @param maximize whether to climb
 */
public record LambRule(
    double beta1, double beta2, double eps, double weightDecay, boolean always, boolean maximize)
    implements UpdateRule {
  @Override
  public boolean countsSteps() {
    return true;
  }

  @Override
  public List<StateSpec> states(ArrayShape parameter) {
    return List.of(StateSpec.zeros("exp_avg", parameter), StateSpec.zeros("exp_avg_sq", parameter));
  }

  @Override
  public GroupUpdate start(HloBuilder b, Inputs inputs) {
    UpdateMath math = new UpdateMath(b);
    Moments moments = new Moments(math, inputs, beta1, beta2);
    HloInstruction one = math.scalars.number(1);
    HloInstruction rising = div(b, one, moments.minusCorrection1());
    HloInstruction correction = Primitives.negate(b, rising);
    HloInstruction descent = Primitives.negate(b, inputs.learningRate());
    return (parameter, gradient, states) -> {
      HloInstruction g = math.gradient(parameter, gradient, maximize);
      HloInstruction first = moments.first(states.get(0), g);
      HloInstruction second = moments.second(states.get(1), g);
      HloInstruction direction =
          div(b, math.times(first, correction), moments.divisor(second, eps));
      direction = math.decayed(direction, parameter, weightDecay);
      HloInstruction scale = descent;
      if (always || weightDecay != 0) {
        HloInstruction size = math.norm(parameter);
        HloInstruction length = math.norm(direction);
        HloInstruction ratio = math.whereBothPositive(size, length, div(b, size, length), one);
        scale = Primitives.mul(b, descent, ratio);
      }
      return new Result(add(b, parameter, math.times(direction, scale)), List.of(first, second));
    };
  }
}
