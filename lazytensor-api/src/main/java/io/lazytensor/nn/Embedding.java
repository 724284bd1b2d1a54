package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;

/**
 * Rows of a table picked by index. PyTorch: {@code nn.Embedding}.
 *
 * @param weight {@code [entries, size]}
 */
public record Embedding(Parameter weight) implements Layer {
  /** Returns a table of normally distributed rows. */
  public static Embedding of(int entries, int size) {
    return new Embedding(Parameter.of(Initializer.normal(0, 1), entries, size));
  }

  /**
   * Picks rows.
   *
   * @param indices {@code s32[…]}
   * @return {@code […, size]}
   */
  public Tensor forward(Tensor indices) {
    return F.embedding(indices, weight);
  }
}
