package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Self-attention and two linear layers, each with a residual. PyTorch: {@code
 * nn.TransformerEncoderLayer}.
 *
 * @param attention of tokens to each other
 * @param linear1 {@code [hidden, width]}
 * @param linear2 {@code [width, hidden]}
 * @param norm1 of the attention
 * @param norm2 of the linear layers
 * @param activation between the linear layers
 * @param dropout the share that is zeroed in training steps
 * @param normFirst whether inputs are normalized instead of results
 */
public record TransformerEncoderLayer(
    @Name("self_attn") MultiheadAttention attention,
    Linear linear1,
    Linear linear2,
    LayerNorm norm1,
    LayerNorm norm2,
    Activation activation,
    double dropout,
    boolean normFirst)
    implements UnaryLayer {
  /** Returns a layer. */
  public static TransformerEncoderLayer of(TransformerOptions options) {
    return new TransformerEncoderLayer(
        options.attention(),
        options.linear(options.width(), options.hidden()),
        options.linear(options.hidden(), options.width()),
        options.norm(),
        options.norm(),
        options.activation(),
        options.dropout(),
        options.normFirst());
  }

  @Override
  public Tensor forward(Tensor x) {
    return forward(x, AttentionMasks.NONE);
  }

  /**
   * Applies the layer.
   *
   * @param x {@code [length, batch, width]}, or {@code [batch, length, width]} with batch first
   */
  public Tensor forward(Tensor x, AttentionMasks masks) {
    if (normFirst) {
      Tensor y = x.add(attend(norm1.forward(x), masks));
      return y.add(transform(norm2.forward(y)));
    }
    Tensor y = norm1.forward(x.add(attend(x, masks)));
    return norm2.forward(y.add(transform(y)));
  }

  private Tensor attend(Tensor x, AttentionMasks masks) {
    return F.dropout(attention.forward(x, x, x, masks), dropout);
  }

  private Tensor transform(Tensor x) {
    Tensor inner = F.dropout(activation.forward(linear1.forward(x)), dropout);
    return F.dropout(linear2.forward(inner), dropout);
  }
}
