package io.lazytensor.nn;

/**
 * By how much weights are scaled for the function behind them. PyTorch: {@code
 * nn.init.calculate_gain}.
 */
public final class Gain {
  /** Of linear layers, convolutions and the sigmoid. */
  public static final double LINEAR = 1;

  /** Of {@link F#tanh}. */
  public static final double TANH = 5.0 / 3;

  /** Of {@link F#relu}. */
  public static final double RELU = Math.sqrt(2);

  /** Of {@link F#selu}. */
  public static final double SELU = 0.75;

  private Gain() {}

  /** Returns the gain of {@link F#leakyRelu}. */
  public static double leakyRelu(double negativeSlope) {
    return Math.sqrt(2 / (1 + negativeSlope * negativeSlope));
  }
}
