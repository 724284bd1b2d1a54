package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * The options of {@link F#crossEntropy} and {@link F#nll}.
 *
 * @param reduction what becomes of the losses; a mean is weighted, and counts what is not ignored
 * @param ignoreIndex the class number that does not count
 * @param labelSmoothing the share of the target spread over all classes, 0 to 1; of {@code
 *     crossEntropy} only
 * @param weight a weight for each class, {@code [C]}
 */
public record ClassLossOptions(
    Reduction reduction, int ignoreIndex, double labelSmoothing, Optional<Tensor> weight) {
  /** PyTorch's: the mean, -100 is ignored, no smoothing, no weights. */
  public static final ClassLossOptions DEFAULT =
      new ClassLossOptions(Reduction.MEAN, -100, 0, Optional.empty());

  /** Checks the smoothing. */
  public ClassLossOptions {
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new LayerException("label smoothing is between 0 and 1, got " + labelSmoothing);
    }
  }

  /** Returns the same with another reduction. */
  public ClassLossOptions withReduction(Reduction value) {
    return new ClassLossOptions(value, ignoreIndex, labelSmoothing, weight);
  }

  /** Returns the same with another class that does not count. */
  public ClassLossOptions withIgnoreIndex(int value) {
    return new ClassLossOptions(reduction, value, labelSmoothing, weight);
  }

  /** Returns the same with label smoothing. */
  public ClassLossOptions withLabelSmoothing(double value) {
    return new ClassLossOptions(reduction, ignoreIndex, value, weight);
  }

  /** Returns the same with a weight for each class. */
  public ClassLossOptions withWeight(Tensor value) {
    return new ClassLossOptions(reduction, ignoreIndex, labelSmoothing, Optional.of(value));
  }
}
