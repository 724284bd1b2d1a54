package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;

/**
 * Normalizes the last dimension to mean 0 and variance 1. PyTorch: {@code nn.LayerNorm}.
 *
 * @param weight {@code [size]}
 * @param bias {@code [size]}
 * @param eps added to the variance
 */
public record LayerNorm(Parameter weight, Parameter bias, double eps) implements Layer {
  /** Returns a layer for a last dimension of this size, with PyTorch's eps of 1e-5. */
  public static LayerNorm of(int size) {
    return new LayerNorm(
        Parameter.of(Initializer.ones(), size), Parameter.of(Initializer.zeros(), size), 1e-5);
  }

  /** Applies the layer to {@code […, size]}. */
  public Tensor forward(Tensor x) {
    return F.layerNorm(x, weight, bias, eps);
  }
}
