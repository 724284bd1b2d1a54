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

  /**
   * The elements of a tuple were computed by instructions whose values gradients do not keep: on
   * the way back they are computed again from the region's inputs, behind an optimization barrier.
   *
   * @param members the instructions, operands first
   * @param inputs what they use from outside
   */
  record Checkpoint(List<HloInstruction> members, List<HloInstruction> inputs)
      implements GradientRegion {
    /** Copies the lists. */
    public Checkpoint {
      members = List.copyOf(members);
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * A loop over the slices of arrays. Its operand and its result are laid out as {@link ScanLoop}
   * says.
   *
   * @param body one iteration
   * @param supersedes the loop this one stands for, with more results: once a graph has both, only
   *     this one is left
   */
  record Scan(ScanBody body, @Nullable HloInstruction supersedes) implements GradientRegion {}

  /** Returns the instructions an annotation speaks of, beside those behind the operands. */
  static List<HloInstruction> beside(HloInstruction x) {
    return switch (x.annotation()) {
      case CustomGradient(var inputs, _) -> inputs;
      case Scan scan when scan.supersedes() != null -> List.of(scan.supersedes());
      case null, default -> List.of();
    };
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
