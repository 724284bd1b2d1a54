package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * {@code y = x weightᵀ + bias}. PyTorch: {@code nn.Linear}, with its initialization.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}
 */
public record Linear(Parameter weight, Optional<Parameter> bias) implements UnaryLayer {
  /** Returns a layer with bias. */
  public static Linear of(int in, int out) {
    Initializer initializer = Initializer.fanIn(in);
    return new Linear(
        Parameter.of(initializer, out, in), Optional.of(Parameter.of(initializer, out)));
  }

  /** Returns the layer without bias. */
  public Linear withoutBias() {
    return new Linear(weight, Optional.empty());
  }

  /** Returns a layer of the same sizes whose parameters start differently. */
  public Linear initialized(Initializer weights, Initializer biases) {
    return new Linear(
        Parameter.of(weights, weight.shape()), bias.map(b -> Parameter.of(biases, b.shape())));
  }

  /**
   * Applies the layer.
   *
   * @param x {@code […, in]}
   * @return {@code […, out]}
   */
  @Override
  public Tensor forward(Tensor x) {
    return bias.isPresent() ? F.linear(x, weight, bias.get()) : F.linear(x, weight);
  }
}
