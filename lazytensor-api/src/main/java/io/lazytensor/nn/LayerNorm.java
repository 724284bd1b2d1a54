package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Normalizes the last dimensions to mean 0 and variance 1. PyTorch: {@code nn.LayerNorm}.
 *
 * @param weight of the normalized dimensions
 * @param bias of the normalized dimensions
 * @param shape sizes of the normalized dimensions
 * @param eps added to the variance
 */
public record LayerNorm(
    Optional<Parameter> weight, Optional<Parameter> bias, List<Integer> shape, double eps)
    implements UnaryLayer {
  /** Copies the sizes. */
  public LayerNorm {
    shape = Sizes.required("LayerNorm", shape);
  }

  /** Uses parameters that are there, such as shared ones. */
  public LayerNorm(Parameter weight, Parameter bias, double eps) {
    this(Optional.of(weight), Optional.of(bias), Sizes.of(weight), eps);
  }

  /** Returns a layer for last dimensions of these sizes, with PyTorch's eps of 1e-5. */
  public static LayerNorm of(int... shape) {
    return new LayerNorm(
        Optional.of(Parameter.of(Initializer.ones(), shape)),
        Optional.of(Parameter.of(Initializer.zeros(), shape)),
        Sizes.boxed(shape),
        1e-5);
  }

  /** Returns the same layer with another eps. */
  public LayerNorm withEps(double value) {
    return new LayerNorm(weight, bias, shape, value);
  }

  /** Returns the layer without bias. */
  public LayerNorm withoutBias() {
    return new LayerNorm(weight, Optional.empty(), shape, eps);
  }

  /** Returns the layer without weight and bias. */
  public LayerNorm withoutAffine() {
    return new LayerNorm(Optional.empty(), Optional.empty(), shape, eps);
  }

  /** Applies the layer to {@code […, shape…]}. */
  @Override
  public Tensor forward(Tensor x) {
    Sizes.requireLast("LayerNorm", x, shape);
    return F.layerNorm(x, shape.size(), weight, bias, eps);
  }
}
