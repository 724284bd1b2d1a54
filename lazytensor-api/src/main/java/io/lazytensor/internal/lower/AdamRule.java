package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.div;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam and AdamW, formula and order of operations of PyTorch's {@code torch.optim.AdamW} ({@code
 * _single_tensor_adam}).
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
public record AdamRule(
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    boolean decoupled,
    boolean amsgrad,
    boolean maximize)
    implements UpdateRule {
  @Override
  public boolean countsSteps() {
    return true;
  }

  @Override
  public List<StateSpec> states(ArrayShape parameter) {
    List<StateSpec> out = new ArrayList<>();
    out.add(StateSpec.zeros("exp_avg", parameter));
    out.add(StateSpec.zeros("exp_avg_sq", parameter));
    if (amsgrad) {
      out.add(StateSpec.zeros("max_exp_avg_sq", parameter));
    }
    return out;
  }

  @Override
  public GroupUpdate start(HloBuilder b, Inputs inputs) {
    UpdateMath math = new UpdateMath(b);
    Moments moments = new Moments(math, inputs, beta1, beta2);
    // lr / (β₁ᵗ - 1) is minus the step size lr / (1 - β₁ᵗ).
    HloInstruction descent = div(b, inputs.learningRate(), moments.minusCorrection1());
    HloInstruction shrinkage =
        decoupled && weightDecay != 0 ? math.shrinkage(inputs.learningRate(), weightDecay) : null;
    return (parameter, gradient, states) -> {
      HloInstruction g = math.gradient(parameter, gradient, maximize);
      HloInstruction p = shrinkage == null ? parameter : math.times(parameter, shrinkage);
      g = decoupled ? g : math.decayed(g, parameter, weightDecay);
      List<HloInstruction> next = new ArrayList<>();
      next.add(moments.first(states.get(0), g));
      next.add(moments.second(states.get(1), g));
      if (amsgrad) {
        next.add(binary(b, BinaryKind.MAXIMUM, states.get(2), next.get(1)));
      }
      HloInstruction divisor = moments.divisor(next.getLast(), eps);
      HloInstruction direction = div(b, math.times(next.getFirst(), descent), divisor);
      return new Result(add(b, p, direction), next);
    };
  }
}
