package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What HLO does not say about a gradient. A region is the {@link HloInstruction#annotation()} of
 * its output; it lives while a graph is recorded and is gone once the graph is cut.
 */
public sealed interface GradientRegion {
  /** The output is a constant for differentiation, whatever it was computed from. */
  record StopGradient() implements GradientRegion {}

  /**
   * The output's gradient is given by a rule instead of by the instructions behind it.
   *
   * @param inputs what the output is a function of, as far as differentiation is concerned
   * @param rule the vector-Jacobian product
   */
  record CustomGradient(List<HloInstruction> inputs, Rule rule) implements GradientRegion {
    /** Copies the list. */
    public CustomGradient {
      inputs = List.copyOf(inputs);
    }
  }

  /** A vector-Jacobian product. */
  interface Rule {
    /**
     * Returns the gradient of each input, null where there is none.
     *
     * @param builder makes the gradient's instructions
     * @param inputs the region's inputs
     * @param output the region's output
     * @param gradient the gradient of the output, of the output's shape
     */
    List<@Nullable HloInstruction> apply(
        HloBuilder builder,
        List<HloInstruction> inputs,
        HloInstruction output,
        HloInstruction gradient);
  }
}
