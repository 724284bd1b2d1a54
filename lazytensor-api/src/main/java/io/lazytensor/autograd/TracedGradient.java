package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A vector-Jacobian product that was recorded once, for a placeholder.
 *
 * @param placeholder stands for the gradient of the output
 * @param gradients what becomes of it, one for each input
 */
public record TracedGradient(HloInstruction placeholder, List<HloInstruction> gradients)
    implements GradientRegion.Rule {
  /** Copies the list. */
  public TracedGradient {
    gradients = List.copyOf(gradients);
  }

  /**
   * Returns the output as a function of these inputs only.
   *
   * @throws ShapeException if a gradient has another shape or type than its input
   */
  public HloInstruction annotate(HloInstruction copy, List<HloInstruction> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      if (!inputs.get(i).shape().equals(gradients.get(i).shape())) {
        throw new ShapeException(
            "input %d of a custom gradient is %s, its gradient %s: shape and type must be the same"
                .formatted(i, inputs.get(i).shape(), gradients.get(i).shape()));
      }
    }
    return new HloInstruction(
        copy.op(),
        copy.shape(),
        copy.operands(),
        copy.metadata(),
        new GradientRegion.CustomGradient(inputs, this));
  }

  @Override
  public List<@Nullable HloInstruction> apply(
      HloBuilder builder,
      List<HloInstruction> inputs,
      HloInstruction output,
      HloInstruction gradient) {
    Rewriting rewriting = Rewriting.annotated().replace(placeholder, gradient);
    return new ArrayList<>(rewriting.apply(gradients));
  }
}
