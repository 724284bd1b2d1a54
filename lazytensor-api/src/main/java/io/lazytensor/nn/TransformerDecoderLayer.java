package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Self-attention, attention to an encoder's result, and two linear layers, each with a residual.
 * PyTorch: {@code nn.TransformerDecoderLayer}.
 *
 * @param selfAttention of tokens to each other
 * @param crossAttention of tokens to the memory
 * @param linear1 {@code [hidden, width]}
 * @param linear2 {@code [width, hidden]}
 * @param norm1 of the self-attention
 * @param norm2 of the attention to the memory
 * @param norm3 of the linear layers
 * @param activation between the linear layers
 * @param dropout the share that is zeroed in training steps
 * @param normFirst whether inputs are normalized instead of results
 */
public record TransformerDecoderLayer(
    @Name("self_attn") MultiheadAttention selfAttention,
    @Name("multihead_attn") MultiheadAttention crossAttention,
    Linear linear1,
    Linear linear2,
    LayerNorm norm1,
    LayerNorm norm2,
    LayerNorm norm3,
    Activation activation,
    double dropout,
    boolean normFirst)
    implements Layer {
  /** Returns a layer. */
  public static TransformerDecoderLayer of(TransformerOptions options) {
    return new TransformerDecoderLayer(
        options.attention(),
        options.attention(),
        options.linear(options.width(), options.hidden()),
        options.linear(options.hidden(), options.width()),
        options.norm(),
        options.norm(),
        options.norm(),
        options.activation(),
        options.dropout(),
        options.normFirst());
  }

  /** Applies the layer; every token sees all others. */
  public Tensor forward(Tensor x, Tensor memory) {
    return forward(x, memory, AttentionMasks.NONE, AttentionMasks.NONE);
  }

  /**
   * Applies the layer.
   *
   * @param x {@code [length, batch, width]}, or {@code [batch, length, width]} with batch first
   * @param memory the encoder's result, in the same layout
   * @param own what tokens do not see of each other
   * @param other what they do not see of the memory
   */
  public Tensor forward(Tensor x, Tensor memory, AttentionMasks own, AttentionMasks other) {
    if (normFirst) {
      Tensor y = x.add(attend(norm1.forward(x), own));
      Tensor z = y.add(attend(norm2.forward(y), memory, other));
      return z.add(transform(norm3.forward(z)));
    }
    Tensor y = norm1.forward(x.add(attend(x, own)));
    Tensor z = norm2.forward(y.add(attend(y, memory, other)));
    return norm3.forward(z.add(transform(z)));
  }

  private Tensor attend(Tensor x, AttentionMasks masks) {
    return F.dropout(selfAttention.forward(x, x, x, masks), dropout);
  }

  private Tensor attend(Tensor x, Tensor memory, AttentionMasks masks) {
    return F.dropout(crossAttention.forward(x, memory, memory, masks), dropout);
  }

  private Tensor transform(Tensor x) {
    Tensor inner = F.dropout(activation.forward(linear1.forward(x)), dropout);
    return F.dropout(linear2.forward(inner), dropout);
  }
}
