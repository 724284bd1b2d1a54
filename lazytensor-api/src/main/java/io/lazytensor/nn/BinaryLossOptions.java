package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * The options of {@link F#bce} and {@link F#bceWithLogits}.
 *
 * @param reduction what becomes of the losses
 * @param weight a factor of each loss, broadcast against them
 * @param positiveWeight a factor of positive targets, broadcast against the logits; of {@code
 *     bceWithLogits} only
 */
public record BinaryLossOptions(
    Reduction reduction, Optional<Tensor> weight, Optional<Tensor> positiveWeight) {
  /** PyTorch's: the mean, no weights. */
  public static final BinaryLossOptions DEFAULT =
      new BinaryLossOptions(Reduction.MEAN, Optional.empty(), Optional.empty());

  /** Returns the same with another reduction. */
  public BinaryLossOptions withReduction(Reduction value) {
    return new BinaryLossOptions(value, weight, positiveWeight);
  }

  /** Returns the same with a factor of each loss. */
  public BinaryLossOptions withWeight(Tensor value) {
    return new BinaryLossOptions(reduction, Optional.of(value), positiveWeight);
  }

  /** Returns the same with a factor of positive targets. */
  public BinaryLossOptions withPositiveWeight(Tensor value) {
    return new BinaryLossOptions(reduction, weight, Optional.of(value));
  }
}
