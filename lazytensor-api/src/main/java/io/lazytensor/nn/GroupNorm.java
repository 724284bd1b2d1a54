package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * Normalizes groups of channels of each sample. PyTorch: {@code nn.GroupNorm}.
 *
 * @param weight {@code [channels]}
 * @param bias {@code [channels]}
 * @param groups how many groups
 * @param eps added to the variance
 */
public record GroupNorm(
    Optional<Parameter> weight, Optional<Parameter> bias, int groups, double eps)
    implements UnaryLayer {
  /** Returns a layer with PyTorch's eps of 1e-5. */
  public static GroupNorm of(int groups, int channels) {
    if (groups < 1 || channels < 1 || channels % groups != 0) {
      throw new LayerException(
          "GroupNorm: %d channels do not divide into %d groups".formatted(channels, groups));
    }
    return new GroupNorm(
        Optional.of(Parameter.of(Initializer.ones(), channels)),
        Optional.of(Parameter.of(Initializer.zeros(), channels)),
        groups,
        1e-5);
  }

  /** Returns the same layer with another eps. */
  public GroupNorm withEps(double value) {
    return new GroupNorm(weight, bias, groups, value);
  }

  /** Returns the layer without weight and bias. */
  public GroupNorm withoutAffine() {
    return new GroupNorm(Optional.empty(), Optional.empty(), groups, eps);
  }

  /** Applies the layer to {@code [batch, channels, …]}. */
  @Override
  public Tensor forward(Tensor x) {
    return F.groupNorm(x, groups, weight, bias, eps);
  }
}
