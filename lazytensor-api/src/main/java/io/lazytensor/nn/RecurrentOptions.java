package io.lazytensor.nn;

/**
 * The sizes and options of a recurrent layer.
 *
 * @param input size of a time step's input
 * @param hidden size of the hidden state
 * @param layers how many are stacked
 * @param bidirectional whether a second one runs backwards
 * @param batchFirst whether inputs are {@code [batch, time, input]} instead of PyTorch's default
 *     {@code [time, batch, input]}
 * @param bias whether there are biases
 * @param dropout the share of the outputs between layers that is zeroed in training steps
 */
public record RecurrentOptions(
    int input,
    int hidden,
    int layers,
    boolean bidirectional,
    boolean batchFirst,
    boolean bias,
    double dropout) {
  /** Checks the sizes. */
  public RecurrentOptions {
    Sizes.positive("recurrent layer", "the input size", input);
    Sizes.positive("recurrent layer", "the hidden size", hidden);
    Sizes.positive("recurrent layer", "the number of layers", layers);
    Sizes.rate("recurrent layer", dropout);
  }

  /** Returns PyTorch's defaults: one layer, one direction, biases, batch second. */
  public static RecurrentOptions of(int input, int hidden) {
    return new RecurrentOptions(input, hidden, 1, false, false, true, 0);
  }

  /** Returns the same with several layers. */
  public RecurrentOptions withLayers(int value) {
    return new RecurrentOptions(input, hidden, value, bidirectional, batchFirst, bias, dropout);
  }

  /** Returns the same in both directions. */
  public RecurrentOptions withBothDirections() {
    return new RecurrentOptions(input, hidden, layers, true, batchFirst, bias, dropout);
  }

  /** Returns the same for inputs {@code [batch, time, input]}. */
  public RecurrentOptions withBatchFirst() {
    return new RecurrentOptions(input, hidden, layers, bidirectional, true, bias, dropout);
  }

  /** Returns the same without biases. */
  public RecurrentOptions withoutBias() {
    return new RecurrentOptions(input, hidden, layers, bidirectional, batchFirst, false, dropout);
  }

  /** Returns the same with dropout between layers. */
  public RecurrentOptions withDropout(double value) {
    return new RecurrentOptions(input, hidden, layers, bidirectional, batchFirst, bias, value);
  }
}
