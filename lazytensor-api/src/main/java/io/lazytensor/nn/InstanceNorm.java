package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * Normalizes each channel of each sample. PyTorch: {@code nn.InstanceNorm1d} and {@code 2d} without
 * running statistics, their default.
 *
 * @param weight {@code [channels]}
 * @param bias {@code [channels]}
 * @param eps added to the variance
 */
public record InstanceNorm(Optional<Parameter> weight, Optional<Parameter> bias, double eps)
    implements UnaryLayer {
  /** Returns a layer without weight and bias, PyTorch's default, and with its eps of 1e-5. */
  public static InstanceNorm of() {
    return new InstanceNorm(Optional.empty(), Optional.empty(), 1e-5);
  }

  /** Returns a layer with weight and bias. */
  public static InstanceNorm affine(int channels) {
    return new InstanceNorm(
        Optional.of(Parameter.of(Initializer.ones(), channels)),
        Optional.of(Parameter.of(Initializer.zeros(), channels)),
        1e-5);
  }

  /** Returns the same layer with another eps. */
  public InstanceNorm withEps(double value) {
    return new InstanceNorm(weight, bias, value);
  }

  /** Applies the layer to {@code [batch, channels, …]}. */
  @Override
  public Tensor forward(Tensor x) {
    return F.instanceNorm(x, weight, bias, eps);
  }
}
