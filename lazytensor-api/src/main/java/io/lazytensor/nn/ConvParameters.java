package io.lazytensor.nn;

import io.lazytensor.Parameter;
import java.util.List;
import java.util.Optional;

/** The parameters of a convolution, initialized as PyTorch does: uniform within ±1/√fanIn. */
record ConvParameters(Parameter weight, Optional<Parameter> bias) {
  static ConvParameters plain(String layer, int in, int out, ConvOptions options, int spatial) {
    requireGroups(layer, in, out, options);
    return make(layer, out, in / options.groups(), out, options, spatial);
  }

  static ConvParameters transposed(
      String layer, int in, int out, ConvOptions options, int spatial) {
    requireGroups(layer, in, out, options);
    if (options.padding().isEmpty()) {
      throw new LayerException(
          layer + ": padding \"same\" is for convolutions, not transposed ones");
    }
    return make(layer, in, out / options.groups(), out, options, spatial);
  }

  private static ConvParameters make(
      String layer, int first, int second, int out, ConvOptions options, int spatial) {
    List<Integer> kernel = Sizes.spread(layer, "kernel", options.kernel(), spatial);
    int[] dims = new int[spatial + 2];
    dims[0] = first;
    dims[1] = second;
    int fanIn = second;
    for (int i = 0; i < spatial; i++) {
      dims[i + 2] = kernel.get(i);
      fanIn *= kernel.get(i);
    }
    Initializer initializer = Initializer.fanIn(fanIn);
    Optional<Parameter> bias =
        options.bias() ? Optional.of(Parameter.of(initializer, out)) : Optional.empty();
    return new ConvParameters(Parameter.of(initializer, dims), bias);
  }

  private static void requireGroups(String layer, int in, int out, ConvOptions options) {
    int groups = options.groups();
    if (in < 1 || out < 1 || in % groups != 0 || out % groups != 0) {
      throw new LayerException(
          "%s: %d input and %d output channels do not divide into %d groups"
              .formatted(layer, in, out, groups));
    }
  }
}
