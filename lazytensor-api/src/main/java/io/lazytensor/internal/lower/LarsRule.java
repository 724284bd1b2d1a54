package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.div;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/**
 * LARS (You et al. 2017): gradient descent with momentum whose gradients, with weight decay, are
 * scaled for each parameter by {@code η ‖w‖ / (‖g‖ + λ ‖w‖ + ε)}. A gradient of zeros, and one of a
 * parameter of zeros, stays as it is, as in NVIDIA's apex.
 *
 * @param descent momentum and what goes with it; its weight decay is λ
 * @param trust the factor η; 0 leaves gradients as they are
 * @param eps ε
 */
public record LarsRule(SgdRule descent, double trust, double eps) implements UpdateRule {
  @Override
  public boolean countsSteps() {
    return descent.countsSteps();
  }

  @Override
  public List<StateSpec> states(ArrayShape parameter) {
    return descent.states(parameter);
  }

  @Override
  public GroupUpdate start(HloBuilder b, Inputs inputs) {
    if (trust == 0) {
      return descent.start(b, inputs);
    }
    UpdateMath math = new UpdateMath(b);
    SgdRule.Descent along = descent.new Descent(math, inputs);
    return (parameter, gradient, states) -> {
      HloInstruction g = math.gradient(parameter, gradient, descent.maximize());
      return along.along(scaled(math, g, parameter), parameter, states);
    };
  }

  private HloInstruction scaled(UpdateMath math, HloInstruction g, HloInstruction parameter) {
    HloBuilder b = math.b;
    HloInstruction size = math.norm(parameter);
    HloInstruction length = math.norm(g);
    HloInstruction divisor =
        math.plus(add(b, length, math.times(size, descent.weightDecay())), eps);
    HloInstruction factor = div(b, math.times(size, trust), divisor);
    HloInstruction changed = math.times(math.decayed(g, parameter, descent.weightDecay()), factor);
    return math.whereBothPositive(size, length, changed, g);
  }
}
