package io.lazytensor.nn.transformer;

import io.lazytensor.Tensor;
import io.lazytensor.nn.F;
import io.lazytensor.nn.Layer;

/**
 * One vector a text. Sentence Transformers: a {@code Transformer}, {@code Pooling} and {@code
 * Normalize} in a row.
 *
 * @param bert hidden states
 * @param pooling from hidden states to one vector
 * @param normalized whether vectors have length 1
 */
public record SentenceEncoder(BertModel bert, Pooling pooling, boolean normalized)
    implements Layer {
  /** Returns a new encoder whose vectors are normalized means. */
  public static SentenceEncoder of(BertConfig config) {
    return new SentenceEncoder(BertModel.of(config), Pooling.MEAN, true);
  }

  /**
   * Embeds texts.
   *
   * @param ids {@code s32[batch, tokens]}
   * @param mask {@code [batch, tokens]}, 0 for padding
   * @return {@code [batch, hidden]}
   */
  public Tensor forward(Tensor ids, Tensor mask) {
    Tensor pooled = pooling.apply(bert.forward(ids, mask), mask);
    return normalized ? F.normalize(pooled, 1) : pooled;
  }
}
