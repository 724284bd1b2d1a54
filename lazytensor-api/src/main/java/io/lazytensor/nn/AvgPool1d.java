package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Takes the mean of each window. PyTorch: {@code nn.AvgPool1d}.
 *
 * @param options how the window moves
 */
public record AvgPool1d(PoolOptions options) implements UnaryLayer {
  /** Returns a layer whose windows lie side by side. */
  public static AvgPool1d of(int kernel) {
    return new AvgPool1d(PoolOptions.kernel(kernel));
  }

  /** Applies the layer to {@code [batch, channels, length]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.avgPool1d(x, options);
  }
}
