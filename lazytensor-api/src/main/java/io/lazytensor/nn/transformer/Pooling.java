package io.lazytensor.nn.transformer;

import io.lazytensor.Tensor;

/** How the hidden states of a text's tokens become one vector. */
public enum Pooling {
  /** The first token's. */
  CLS,
  /** The mean over tokens that are no padding. */
  MEAN,
  /** The greatest of each column over tokens that are no padding. */
  MAX;

  private static final double LOWEST = -1e9;

  /**
   * Pools.
   *
   * @param hidden {@code [batch, tokens, hidden]}
   * @param mask {@code [batch, tokens]}, 0 for padding
   * @return {@code [batch, hidden]}
   */
  public Tensor apply(Tensor hidden, Tensor mask) {
    return switch (this) {
      case CLS -> hidden.select(1, 0);
      case MEAN -> {
        Tensor weights = mask.to(hidden.dtype()).unsqueeze(2);
        Tensor count = weights.sum(1).clampMin(1e-9);
        yield hidden.mul(weights).sum(1).div(count);
      }
      case MAX -> hidden.maskedFill(mask.eq(0).unsqueeze(2), LOWEST).max(1);
    };
  }
}
