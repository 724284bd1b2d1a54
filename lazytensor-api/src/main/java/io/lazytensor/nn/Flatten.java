package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Makes all dimensions from one on into one. PyTorch: {@code nn.Flatten}.
 *
 * @param from the first of them
 */
public record Flatten(int from) implements UnaryLayer {
  /** Keeps the batch. */
  public Flatten() {
    this(1);
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.flatten(from);
  }
}
