package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Takes the mean of each window. PyTorch: {@code nn.AvgPool2d}.
 *
 * @param options how the window moves
 */
public record AvgPool2d(PoolOptions options) implements UnaryLayer {
  /** Returns a layer whose windows lie side by side. */
  public static AvgPool2d of(int kernel) {
    return new AvgPool2d(PoolOptions.kernel(kernel));
  }

  /** Applies the layer to {@code [batch, channels, height, width]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.avgPool2d(x, options);
  }
}
