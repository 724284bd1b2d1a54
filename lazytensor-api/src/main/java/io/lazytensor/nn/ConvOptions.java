package io.lazytensor.nn;

import java.util.List;

/**
 * How a convolution's kernel moves. A list of one number counts for all spatial dimensions.
 *
 * @param kernel the kernel's size
 * @param stride distance of two places
 * @param padding zeros on both sides; empty for as many as keep the size, PyTorch's {@code same}
 * @param dilation distance of the kernel's elements
 * @param outputPadding added to the size of a transposed convolution's result
 * @param groups how many groups the channels are split into
 * @param bias whether there is a bias
 */
public record ConvOptions(
    List<Integer> kernel,
    List<Integer> stride,
    List<Integer> padding,
    List<Integer> dilation,
    List<Integer> outputPadding,
    int groups,
    boolean bias) {
  /** Checks and copies the numbers. */
  public ConvOptions {
    kernel = Sizes.required("convolution: kernel", kernel);
    stride = Sizes.required("convolution: stride", stride);
    dilation = Sizes.required("convolution: dilation", dilation);
    padding = List.copyOf(padding);
    outputPadding = List.copyOf(outputPadding);
    Sizes.positive("convolution", "groups", groups);
    if (padding.stream().anyMatch(p -> p < 0) || outputPadding.stream().anyMatch(p -> p < 0)) {
      throw new LayerException("convolution: padding is not negative, got " + padding);
    }
    if (padding.isEmpty() && stride.stream().anyMatch(s -> s != 1)) {
      throw new LayerException("convolution: padding \"same\" takes stride 1, got " + stride);
    }
  }

  /** Returns PyTorch's defaults: stride 1, no padding, dilation 1, one group, with bias. */
  public static ConvOptions kernel(int... sizes) {
    List<Integer> one = List.of(1);
    List<Integer> zero = List.of(0);
    return new ConvOptions(Sizes.boxed(sizes), one, zero, one, zero, 1, true);
  }

  /** Returns the same with another stride. */
  public ConvOptions stride(int... values) {
    List<Integer> list = Sizes.boxed(values);
    return new ConvOptions(kernel, list, padding, dilation, outputPadding, groups, bias);
  }

  /** Returns the same with another padding. */
  public ConvOptions padding(int... values) {
    if (values.length == 0) {
      throw new LayerException("convolution: padding takes at least one number");
    }
    List<Integer> list = Sizes.boxed(values);
    return new ConvOptions(kernel, stride, list, dilation, outputPadding, groups, bias);
  }

  /** Returns the same with the padding that keeps the size. */
  public ConvOptions paddingSame() {
    return new ConvOptions(kernel, stride, List.of(), dilation, outputPadding, groups, bias);
  }

  /** Returns the same with another dilation. */
  public ConvOptions dilation(int... values) {
    List<Integer> list = Sizes.boxed(values);
    return new ConvOptions(kernel, stride, padding, list, outputPadding, groups, bias);
  }

  /** Returns the same with another output padding. */
  public ConvOptions outputPadding(int... values) {
    List<Integer> list = Sizes.boxed(values);
    return new ConvOptions(kernel, stride, padding, dilation, list, groups, bias);
  }

  /** Returns the same with the channels in groups. */
  public ConvOptions groups(int value) {
    return new ConvOptions(kernel, stride, padding, dilation, outputPadding, value, bias);
  }

  /** Returns the same without bias. */
  public ConvOptions withoutBias() {
    return new ConvOptions(kernel, stride, padding, dilation, outputPadding, groups, false);
  }
}
