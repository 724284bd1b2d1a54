package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import java.util.Optional;

/**
 * Slides kernels over sequences. PyTorch: {@code nn.Conv1d} with zeros as padding, with its
 * initialization.
 *
 * @param weight {@code [out, in / groups, kernel]}
 * @param bias {@code [out]}
 * @param options how the kernel moves
 */
public record Conv1d(Parameter weight, Optional<Parameter> bias, ConvOptions options)
    implements UnaryLayer {
  /** Returns a layer whose kernel moves by 1, without padding. */
  public static Conv1d of(int in, int out, int kernel) {
    return of(in, out, ConvOptions.kernel(kernel));
  }

  /** Returns a layer. */
  public static Conv1d of(int in, int out, ConvOptions options) {
    ConvParameters made = ConvParameters.plain("Conv1d", in, out, options, 1);
    return new Conv1d(made.weight(), made.bias(), options);
  }

  /** Applies the layer to {@code [batch, in, length]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.conv1d(x, weight, bias, options);
  }
}
