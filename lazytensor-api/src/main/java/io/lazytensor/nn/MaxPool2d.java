package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Takes the greatest element of each window. PyTorch: {@code nn.MaxPool2d}.
 *
 * @param options how the window moves
 */
public record MaxPool2d(PoolOptions options) implements UnaryLayer {
  /** Returns a layer whose windows lie side by side. */
  public static MaxPool2d of(int kernel) {
    return new MaxPool2d(PoolOptions.kernel(kernel));
  }

  /** Applies the layer to {@code [batch, channels, height, width]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.maxPool2d(x, options);
  }
}
