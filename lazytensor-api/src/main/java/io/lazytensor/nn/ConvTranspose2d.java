package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * Slides kernels over images, with strides of the result. PyTorch: {@code nn.ConvTranspose2d} with
 * zeros as padding, with its initialization.
 *
 * @param weight {@code [in, out / groups, kernel, kernel]}
 * @param bias {@code [out]}
 * @param options how the kernel moves
 */
public record ConvTranspose2d(Parameter weight, Optional<Parameter> bias, ConvOptions options)
    implements UnaryLayer {
  /** Returns a layer whose kernel moves by 1, without padding. */
  public static ConvTranspose2d of(int in, int out, int kernel) {
    return of(in, out, ConvOptions.kernel(kernel));
  }

  /** Returns a layer. */
  public static ConvTranspose2d of(int in, int out, ConvOptions options) {
    ConvParameters made = ConvParameters.transposed("ConvTranspose2d", in, out, options, 2);
    return new ConvTranspose2d(made.weight(), made.bias(), options);
  }

  /** Applies the layer to {@code [batch, in, height, width]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.convTranspose2d(x, weight, bias, options);
  }
}
