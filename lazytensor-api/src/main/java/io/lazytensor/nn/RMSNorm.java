package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * Divides by the root of the mean square of the last dimensions. PyTorch: {@code nn.RMSNorm}.
 *
 * @param weight of the normalized dimensions
 * @param shape sizes of the normalized dimensions
 * @param eps added to the mean square
 */
public record RMSNorm(Optional<Parameter> weight, List<Integer> shape, double eps)
    implements UnaryLayer {
  /** PyTorch's default: the distance of 1 to the next {@code f32}. */
  public static final double DEFAULT_EPS = 0x1p-23;

  /** Copies the sizes. */
  public RMSNorm {
    shape = Sizes.required("RMSNorm", shape);
  }

  /** Returns a layer for last dimensions of these sizes. */
  public static RMSNorm of(int... shape) {
    return new RMSNorm(
        Optional.of(Parameter.of(Initializer.ones(), shape)), Sizes.boxed(shape), DEFAULT_EPS);
  }

  /** Returns the same layer with another eps. */
  public RMSNorm withEps(double value) {
    return new RMSNorm(weight, shape, value);
  }

  /** Returns the layer without weight. */
  public RMSNorm withoutAffine() {
    return new RMSNorm(Optional.empty(), shape, eps);
  }

  /** Applies the layer to {@code […, shape…]}. */
  @Override
  public Tensor forward(Tensor x) {
    Sizes.requireLast("RMSNorm", x, shape);
    return F.rmsNorm(x, shape.size(), weight, eps);
  }
}
