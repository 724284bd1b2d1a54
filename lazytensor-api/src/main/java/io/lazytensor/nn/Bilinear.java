package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * {@code y = x₁ᵀ weight x₂ + bias}. PyTorch: {@code nn.Bilinear}, with its initialization.
 *
 * @param weight {@code [out, in1, in2]}
 * @param bias {@code [out]}
 */
public record Bilinear(Parameter weight, Optional<Parameter> bias) implements Layer {
  /** Returns a layer with bias. */
  public static Bilinear of(int in1, int in2, int out) {
    Initializer initializer = Initializer.fanIn(in1);
    return new Bilinear(
        Parameter.of(initializer, out, in1, in2), Optional.of(Parameter.of(initializer, out)));
  }

  /** Returns the layer without bias. */
  public Bilinear withoutBias() {
    return new Bilinear(weight, Optional.empty());
  }

  /**
   * Applies the layer.
   *
   * @param left {@code […, in1]}
   * @param right {@code […, in2]}
   * @return {@code […, out]}
   */
  public Tensor forward(Tensor left, Tensor right) {
    return F.bilinear(left, right, weight, bias);
  }
}
