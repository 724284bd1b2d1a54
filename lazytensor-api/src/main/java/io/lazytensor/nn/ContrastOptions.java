package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * The options of {@link F#infoNce}.
 *
 * @param scale factor of the scores, 1 / temperature
 * @param cosine whether scores are cosines instead of dot products
 * @param symmetric whether each key's query is to be found too; the mean of both losses
 * @param falseNegatives {@code pred[n, m]}, true for a pair that is no negative; a query's own key
 *     always counts
 * @param reduction what becomes of the losses
 */
public record ContrastOptions(
    double scale,
    boolean cosine,
    boolean symmetric,
    Optional<Tensor> falseNegatives,
    Reduction reduction) {
  /** Cosines times 20, as multiple-negatives ranking of Sentence Transformers. */
  public static final ContrastOptions DEFAULT =
      new ContrastOptions(20, true, false, Optional.empty(), Reduction.MEAN);

  /** Checks the scale. */
  public ContrastOptions {
    if (!(scale > 0)) {
      throw new LayerException("the scale of scores must be above 0, got " + scale);
    }
  }

  /** Returns the same with another factor of the scores. */
  public ContrastOptions withScale(double value) {
    return new ContrastOptions(value, cosine, symmetric, falseNegatives, reduction);
  }

  /** Returns the same with scores divided by a temperature. */
  public ContrastOptions withTemperature(double value) {
    return withScale(1 / value);
  }

  /** Returns the same with dot products as scores. */
  public ContrastOptions withDotProducts() {
    return new ContrastOptions(scale, false, symmetric, falseNegatives, reduction);
  }

  /** Returns the same in both directions. */
  public ContrastOptions withSymmetry() {
    return new ContrastOptions(scale, cosine, true, falseNegatives, reduction);
  }

  /** Returns the same without pairs that only look like negatives. */
  public ContrastOptions withFalseNegatives(Tensor mask) {
    return new ContrastOptions(scale, cosine, symmetric, Optional.of(mask), reduction);
  }

  /** Returns the same with another reduction. */
  public ContrastOptions withReduction(Reduction value) {
    return new ContrastOptions(scale, cosine, symmetric, falseNegatives, value);
  }
}
