package io.lazytensor.nn;

/**
 * The sizes and options of a transformer layer.
 *
 * @param width size of a token
 * @param heads of attention; they divide the width
 * @param hidden size between the two linear layers
 * @param dropout the share that is zeroed in training steps
 * @param activation between the two linear layers
 * @param eps added to variances
 * @param batchFirst whether inputs are {@code [batch, length, width]}
 * @param normFirst whether inputs are normalized instead of results
 * @param bias whether linear layers and normalizations have biases
 */
public record TransformerOptions(
    int width,
    int heads,
    int hidden,
    double dropout,
    Activation activation,
    double eps,
    boolean batchFirst,
    boolean normFirst,
    boolean bias) {
  /** Checks the sizes. */
  public TransformerOptions {
    Sizes.positive("transformer", "the width", width);
    Sizes.positive("transformer", "the hidden size", hidden);
    Sizes.rate("transformer", dropout);
  }

  /** Returns PyTorch's defaults: 2048 hidden units, dropout 0.1, ReLU, norms last, batch second. */
  public static TransformerOptions of(int width, int heads) {
    return new TransformerOptions(
        width, heads, 2048, 0.1, new Activation.ReLU(), 1e-5, false, false, true);
  }

  /** Returns the same with another hidden size. */
  public TransformerOptions withHidden(int value) {
    return new TransformerOptions(
        width, heads, value, dropout, activation, eps, batchFirst, normFirst, bias);
  }

  /** Returns the same with another dropout. */
  public TransformerOptions withDropout(double value) {
    return new TransformerOptions(
        width, heads, hidden, value, activation, eps, batchFirst, normFirst, bias);
  }

  /** Returns the same with another activation. */
  public TransformerOptions withActivation(Activation value) {
    return new TransformerOptions(
        width, heads, hidden, dropout, value, eps, batchFirst, normFirst, bias);
  }

  /** Returns the same with another eps. */
  public TransformerOptions withEps(double value) {
    return new TransformerOptions(
        width, heads, hidden, dropout, activation, value, batchFirst, normFirst, bias);
  }

  /** Returns the same for inputs {@code [batch, length, width]}. */
  public TransformerOptions withBatchFirst() {
    return new TransformerOptions(
        width, heads, hidden, dropout, activation, eps, true, normFirst, bias);
  }

  /** Returns the same with inputs normalized instead of results. */
  public TransformerOptions withNormFirst() {
    return new TransformerOptions(
        width, heads, hidden, dropout, activation, eps, batchFirst, true, bias);
  }

  /** Returns the same without biases. */
  public TransformerOptions withoutBias() {
    return new TransformerOptions(
        width, heads, hidden, dropout, activation, eps, batchFirst, normFirst, false);
  }

  MultiheadAttention attention() {
    MultiheadAttention attention =
        MultiheadAttention.of(width, heads).withDropout(dropout).withBatchFirst(batchFirst);
    return bias ? attention : attention.withoutBias();
  }

  Linear linear(int in, int out) {
    Linear linear = Linear.of(in, out);
    return bias ? linear : linear.withoutBias();
  }

  LayerNorm norm() {
    LayerNorm norm = LayerNorm.of(width).withEps(eps);
    return bias ? norm : norm.withoutBias();
  }
}
