package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.sub;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/**
 * Adagrad, formula and order of operations of PyTorch's {@code torch.optim.Adagrad}.
 *
 * @param learningRateDecay how much slower each step is, PyTorch's {@code lr_decay}
 * @param weightDecay times the parameter is added to the gradient
 * @param initialSum what the sum of squares starts with
 * @param eps added to the root of the sum; PyTorch's default is 1e-10
 * @param maximize whether to climb
 */
public record AdagradRule(
    double learningRateDecay, double weightDecay, double initialSum, double eps, boolean maximize)
    implements UpdateRule {
  @Override
  public boolean countsSteps() {
    return true;
  }

  @Override
  public List<StateSpec> states(ArrayShape parameter) {
    return List.of(new StateSpec("sum", parameter, initialSum));
  }

  @Override
  public GroupUpdate start(HloBuilder b, Inputs inputs) {
    UpdateMath math = new UpdateMath(b);
    HloInstruction descent = negate(b, slowed(math, inputs));
    return (parameter, gradient, states) -> {
      HloInstruction g = math.gradient(parameter, gradient, maximize);
      g = math.decayed(g, parameter, weightDecay);
      HloInstruction sum = add(b, states.getFirst(), mul(b, g, g));
      HloInstruction divisor = math.plus(math.root(sum), eps);
      HloInstruction direction = div(b, math.times(g, descent), divisor);
      return new Result(add(b, parameter, direction), List.of(sum));
    };
  }

  private HloInstruction slowed(UpdateMath math, Inputs inputs) {
    if (learningRateDecay == 0) {
      return inputs.learningRate();
    }
    HloInstruction before = sub(math.b, inputs.counted(), math.scalars.number(1));
    HloInstruction divisor = math.plus(math.times(before, learningRateDecay), 1);
    return div(math.b, inputs.learningRate(), divisor);
  }
}
