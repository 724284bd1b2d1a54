package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * Slides kernels over images. PyTorch: {@code nn.Conv2d} with zeros as padding, with its
 * initialization.
 *
 * @param weight {@code [out, in / groups, kernel, kernel]}
 * @param bias {@code [out]}
 * @param options how the kernel moves
 */
public record Conv2d(Parameter weight, Optional<Parameter> bias, ConvOptions options)
    implements UnaryLayer {
  /** Returns a layer whose kernel moves by 1, without padding. */
  public static Conv2d of(int in, int out, int kernel) {
    return of(in, out, ConvOptions.kernel(kernel));
  }

  /** Returns a layer. */
  public static Conv2d of(int in, int out, ConvOptions options) {
    ConvParameters made = ConvParameters.plain("Conv2d", in, out, options, 2);
    return new Conv2d(made.weight(), made.bias(), options);
  }

  /** Applies the layer to {@code [batch, in, height, width]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.conv2d(x, weight, bias, options);
  }
}
