package io.lazytensor.nn;

import io.lazytensor.Tensor;

/**
 * Zeroes elements at random in training steps. PyTorch: {@code nn.Dropout}.
 *
 * @param rate the share that is zeroed
 */
public record Dropout(double rate) implements UnaryLayer {
  /** Checks the rate. */
  public Dropout {
    if (!(rate >= 0 && rate <= 1)) {
      throw new IllegalArgumentException("a dropout rate is between 0 and 1, got " + rate);
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    return F.dropout(x, rate);
  }
}
