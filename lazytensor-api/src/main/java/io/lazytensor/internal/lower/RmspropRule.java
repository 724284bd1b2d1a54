package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.sub;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;

/**
 * RMSprop, formula and order of operations of PyTorch's {@code torch.optim.RMSprop}.
 *
 * @param alpha share of the average of squares that stays; PyTorch's default is 0.99
 * @param eps added to the root of the average; PyTorch's default is 1e-8
 * @param weightDecay times the parameter is added to the gradient
 * @param momentum share of the buffer that stays
 * @param centered whether the square of the average is taken from the average of squares
 * @param maximize whether to climb
 */
public record RmspropRule(
    double alpha,
    double eps,
    double weightDecay,
    double momentum,
    boolean centered,
    boolean maximize)
    implements UpdateRule {
  @Override
  public boolean countsSteps() {
    return true;
  }

  @Override
  public List<StateSpec> states(ArrayShape parameter) {
    List<StateSpec> out = new ArrayList<>();
    out.add(StateSpec.zeros("square_avg", parameter));
    if (momentum > 0) {
      out.add(StateSpec.zeros("momentum_buffer", parameter));
    }
    if (centered) {
      out.add(StateSpec.zeros("grad_avg", parameter));
    }
    return out;
  }

  @Override
  public GroupUpdate start(HloBuilder b, Inputs inputs) {
    UpdateMath math = new UpdateMath(b);
    HloInstruction descent = negate(b, inputs.learningRate());
    HloInstruction given = inputs.momentum();
    HloInstruction kept = given == null ? math.scalars.number(momentum) : given;
    return (parameter, gradient, states) -> {
      HloInstruction g = math.gradient(parameter, gradient, maximize);
      g = math.decayed(g, parameter, weightDecay);
      List<HloInstruction> next = new ArrayList<>();
      HloInstruction squares = math.squares(states.getFirst(), g, alpha);
      next.add(squares);
      HloInstruction spread = squares;
      HloInstruction average = null;
      if (centered) {
        average = math.lerp(states.getLast(), g, 1 - alpha);
        spread = sub(b, squares, mul(b, average, average));
      }
      HloInstruction divisor = math.plus(math.root(spread), eps);
      HloInstruction direction;
      if (momentum > 0) {
        HloInstruction buffer = add(b, math.times(states.get(1), kept), div(b, g, divisor));
        next.add(buffer);
        direction = math.times(buffer, descent);
      } else {
        direction = div(b, math.times(g, descent), divisor);
      }
      if (average != null) {
        next.add(average);
      }
      return new Result(add(b, parameter, direction), next);
    };
  }
}
