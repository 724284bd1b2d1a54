package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * The options of {@link F#scaledDotProductAttention}.
 *
 * @param mask broadcast to {@code [..., queries, keys]}: pred, true where a query may look, or
 *     numbers that are added to the scores
 * @param causal whether a query sees the keys up to its own number only; not with a mask
 * @param dropout the share of attention weights that is zeroed in training steps
 * @param scale factor of the scores; 1/√width if absent
 */
public record AttentionOptions(
    Optional<Tensor> mask, boolean causal, double dropout, Optional<Double> scale) {
  /** No mask, no dropout. */
  public static final AttentionOptions DEFAULT =
      new AttentionOptions(Optional.empty(), false, 0, Optional.empty());

  /** Checks the options. */
  public AttentionOptions {
    Sizes.rate("attention", dropout);
    if (causal && mask.isPresent()) {
      throw new LayerException(
          "attention: causal and a mask exclude each other, put both into the mask");
    }
  }

  /** Returns the same with a mask. */
  public AttentionOptions withMask(Tensor value) {
    return new AttentionOptions(Optional.of(value), causal, dropout, scale);
  }

  /** Returns the same where a query sees the keys up to its own number only. */
  public AttentionOptions withCausal() {
    return new AttentionOptions(mask, true, dropout, scale);
  }

  /** Returns the same with dropout. */
  public AttentionOptions withDropout(double value) {
    return new AttentionOptions(mask, causal, value, scale);
  }

  /** Returns the same with another factor of the scores. */
  public AttentionOptions withScale(double value) {
    return new AttentionOptions(mask, causal, dropout, Optional.of(value));
  }
}
