package io.lazytensor.nn;

import java.util.List;

/**
 * How a pooling window moves. A list of one number counts for all spatial dimensions.
 *
 * @param kernel the window's size
 * @param stride distance of two places; empty for the window's size
 * @param padding on both sides, at most half the window
 * @param dilation distance of the window's elements; of a maximum only
 * @param ceilMode whether a last window may hang over the end
 * @param countIncludePad whether padding counts in a mean
 * @param divisor what a mean divides by; 0 for the number of elements
 */
public record PoolOptions(
    List<Integer> kernel,
    List<Integer> stride,
    List<Integer> padding,
    List<Integer> dilation,
    boolean ceilMode,
    boolean countIncludePad,
    int divisor) {
  /** Checks and copies the numbers. */
  public PoolOptions {
    kernel = Sizes.required("pooling: kernel", kernel);
    dilation = Sizes.required("pooling: dilation", dilation);
    stride = stride.isEmpty() ? List.of() : Sizes.required("pooling: stride", stride);
    padding = List.copyOf(padding);
    if (padding.stream().anyMatch(p -> p < 0) || divisor < 0) {
      throw new LayerException(
          "pooling: padding and divisor are not negative, got " + padding + " and " + divisor);
    }
  }

  /** Returns PyTorch's defaults: windows side by side, no padding. */
  public static PoolOptions kernel(int... sizes) {
    return new PoolOptions(Sizes.boxed(sizes), List.of(), List.of(0), List.of(1), false, true, 0);
  }

  /** Returns the same with another stride. */
  public PoolOptions stride(int... values) {
    return new PoolOptions(
        kernel, Sizes.boxed(values), padding, dilation, ceilMode, countIncludePad, divisor);
  }

  /** Returns the same with another padding. */
  public PoolOptions padding(int... values) {
    return new PoolOptions(
        kernel, stride, Sizes.boxed(values), dilation, ceilMode, countIncludePad, divisor);
  }

  /** Returns the same with another dilation. */
  public PoolOptions dilation(int... values) {
    return new PoolOptions(
        kernel, stride, padding, Sizes.boxed(values), ceilMode, countIncludePad, divisor);
  }

  /** Returns the same with a last window that may hang over the end. */
  public PoolOptions withCeilMode() {
    return new PoolOptions(kernel, stride, padding, dilation, true, countIncludePad, divisor);
  }

  /** Returns the same with means that do not count padding. */
  public PoolOptions withoutPaddingCount() {
    return new PoolOptions(kernel, stride, padding, dilation, ceilMode, false, divisor);
  }

  /** Returns the same with means that divide by a number. */
  public PoolOptions dividedBy(int value) {
    Sizes.positive("pooling", "the divisor", value);
    return new PoolOptions(kernel, stride, padding, dilation, ceilMode, countIncludePad, value);
  }
}
