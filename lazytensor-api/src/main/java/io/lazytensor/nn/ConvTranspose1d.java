package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * Slides kernels over sequences, with strides of the result. PyTorch: {@code nn.ConvTranspose1d}
 * with zeros as padding, with its initialization.
 *
 * @param weight {@code [in, out / groups, kernel]}
 * @param bias {@code [out]}
 * @param options how the kernel moves
 */
public record ConvTranspose1d(Parameter weight, Optional<Parameter> bias, ConvOptions options)
    implements UnaryLayer {
  /** Returns a layer whose kernel moves by 1, without padding. */
  public static ConvTranspose1d of(int in, int out, int kernel) {
    return of(in, out, ConvOptions.kernel(kernel));
  }

  /** Returns a layer. */
  public static ConvTranspose1d of(int in, int out, ConvOptions options) {
    ConvParameters made = ConvParameters.transposed("ConvTranspose1d", in, out, options, 1);
    return new ConvTranspose1d(made.weight(), made.bias(), options);
  }

  /** Applies the layer to {@code [batch, in, length]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.convTranspose1d(x, weight, bias, options);
  }
}
