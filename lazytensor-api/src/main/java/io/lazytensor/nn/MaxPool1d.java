package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Takes the greatest element of each window. PyTorch: {@code nn.MaxPool1d}.
 *
 * @param options how the window moves
 */
public record MaxPool1d(PoolOptions options) implements UnaryLayer {
  /** Returns a layer whose windows lie side by side. */
  public static MaxPool1d of(int kernel) {
    return new MaxPool1d(PoolOptions.kernel(kernel));
  }

  /** Applies the layer to {@code [batch, channels, length]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.maxPool1d(x, options);
  }
}
