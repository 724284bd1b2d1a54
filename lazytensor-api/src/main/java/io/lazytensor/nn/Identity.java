package io.lazytensor.nn;

import io.lazytensor.Tensor;

/** Returns what it gets. PyTorch: {@code nn.Identity}. */
public record Identity() implements UnaryLayer {
  @Override
  public Tensor forward(Tensor x) {
    return x;
  }
}
