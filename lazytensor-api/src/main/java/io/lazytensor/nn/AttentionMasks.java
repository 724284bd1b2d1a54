package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * What a {@link MultiheadAttention} must not see. As in PyTorch, and unlike {@link
 * AttentionOptions}, true <em>hides</em>. A query that may look nowhere gets zeros, where PyTorch's
 * may be NaN.
 *
 * @param attention {@code [queries, keys]} or {@code [batch · heads, queries, keys]}: pred, true
 *     where a query may not look, or numbers that are added to the scores
 * @param keyPadding {@code [batch, keys]}: pred, true where a key is padding, or added numbers
 * @param causal whether a query sees the keys up to its own number only
 */
public record AttentionMasks(
    Optional<Tensor> attention, Optional<Tensor> keyPadding, boolean causal) {
  /** Everything is seen. */
  public static final AttentionMasks NONE =
      new AttentionMasks(Optional.empty(), Optional.empty(), false);

  /** Returns the same with a mask of pairs. */
  public AttentionMasks withAttention(Tensor mask) {
    return new AttentionMasks(Optional.of(mask), keyPadding, causal);
  }

  /** Returns the same with a mask of keys. */
  public AttentionMasks withKeyPadding(Tensor mask) {
    return new AttentionMasks(attention, Optional.of(mask), causal);
  }

  /** Returns the same where a query sees the keys up to its own number only. */
  public AttentionMasks withCausal() {
    return new AttentionMasks(attention, keyPadding, true);
  }
}
