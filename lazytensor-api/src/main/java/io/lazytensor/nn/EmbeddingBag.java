package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * Rows of a table picked by index, a bag of them made into one. PyTorch: {@code nn.EmbeddingBag}
 * with indices {@code [batch, bag]}; shorter bags are filled up with the padding index.
 *
 * @param weight {@code [entries, size]}
 * @param mode how rows become one
 * @param paddingIndex the row that does not count; {@link Embedding#NO_PADDING} for none
 */
public record EmbeddingBag(Parameter weight, BagMode mode, int paddingIndex) implements UnaryLayer {
  /** Checks the padding index. */
  public EmbeddingBag {
    Embedding.requireRow("EmbeddingBag", weight, paddingIndex);
  }

  /** Returns a table of normally distributed rows whose bags are averaged. */
  public static EmbeddingBag of(int entries, int size) {
    return of(entries, size, BagMode.MEAN);
  }

  /** Returns a table of normally distributed rows. */
  public static EmbeddingBag of(int entries, int size, BagMode mode) {
    return new EmbeddingBag(
        Parameter.of(Initializer.normal(0, 1), entries, size), mode, Embedding.NO_PADDING);
  }

  /** Returns a table of normally distributed rows, of which one is zero and does not count. */
  public static EmbeddingBag of(int entries, int size, BagMode mode, int paddingIndex) {
    Initializer initializer = Embedding.zeroRow(Initializer.normal(0, 1), paddingIndex);
    return new EmbeddingBag(Parameter.of(initializer, entries, size), mode, paddingIndex);
  }

  /**
   * Picks and folds rows.
   *
   * @param indices {@code s32[batch, bag]}
   * @return {@code [batch, size]}; zeros for a bag of padding
   */
  @Override
  public Tensor forward(Tensor indices) {
    return F.embeddingBag(indices, weight, mode, Optional.empty(), paddingIndex);
  }

  /**
   * Picks rows, multiplies each by a factor and adds them up; with {@link BagMode#SUM} only.
   *
   * @param weights {@code [batch, bag]}
   */
  public Tensor forward(Tensor indices, Tensor weights) {
    return F.embeddingBag(indices, weight, mode, Optional.of(weights), paddingIndex);
  }
}
