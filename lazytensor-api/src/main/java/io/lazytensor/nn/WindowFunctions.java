package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.lower.Convolutions;
import io.lazytensor.internal.lower.Pooling;
import io.lazytensor.internal.ops.WindowOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Convolutions and pooling, part of {@link F}. */
abstract sealed class WindowFunctions extends LossFunctions permits LayerFunctions {
  WindowFunctions() {}

  /**
   * Convolves sequences.
   *
   * @param x {@code [batch, in, length]}, or without batch
   * @param weight {@code [out, in / groups, kernel]}
   * @param bias {@code [out]}
   * @param options how the kernel moves; its size is the weight's
   */
  public static Tensor conv1d(
      Tensor x, Tensor weight, Optional<? extends Tensor> bias, ConvOptions options) {
    return convolve(WindowOps.CONV1D, x, weight, bias, options, 1);
  }

  /**
   * Convolves images.
   *
   * @param x {@code [batch, in, height, width]}, or without batch
   * @param weight {@code [out, in / groups, kernel, kernel]}
   * @param bias {@code [out]}
   * @param options how the kernel moves; its size is the weight's
   */
  public static Tensor conv2d(
      Tensor x, Tensor weight, Optional<? extends Tensor> bias, ConvOptions options) {
    return convolve(WindowOps.CONV2D, x, weight, bias, options, 2);
  }

  /**
   * Does what the gradient of {@link #conv1d} does to its input.
   *
   * @param weight {@code [in, out / groups, kernel]}
   */
  public static Tensor convTranspose1d(
      Tensor x, Tensor weight, Optional<? extends Tensor> bias, ConvOptions options) {
    return convolve(WindowOps.CONV_TRANSPOSE1D, x, weight, bias, options, 1);
  }

  /**
   * Does what the gradient of {@link #conv2d} does to its input.
   *
   * @param weight {@code [in, out / groups, kernel, kernel]}
   */
  public static Tensor convTranspose2d(
      Tensor x, Tensor weight, Optional<? extends Tensor> bias, ConvOptions options) {
    return convolve(WindowOps.CONV_TRANSPOSE2D, x, weight, bias, options, 2);
  }

  private static Tensor convolve(
      CallKind kind,
      Tensor x,
      Tensor weight,
      Optional<? extends Tensor> bias,
      ConvOptions options,
      int spatial) {
    List<Tensor> operands = new ArrayList<>(List.of(x, weight));
    bias.ifPresent(operands::add);
    WindowOps.Convolution attribute =
        new WindowOps.Convolution(
            geometry(kind.name(), weight, options, spatial),
            Sizes.spread(kind.name(), "outputPadding", options.outputPadding(), spatial));
    return Calls.many(kind, operands, 0, attribute);
  }

  private static Convolutions.Geometry geometry(
      String name, Tensor weight, ConvOptions options, int spatial) {
    List<Integer> dilation = Sizes.spread(name, "dilation", options.dilation(), spatial);
    List<Integer> low = new ArrayList<>();
    List<Integer> high = new ArrayList<>();
    if (!options.padding().isEmpty()) {
      low = Sizes.spread(name, "padding", options.padding(), spatial);
      high = low;
    } else if (weight.rank() == spatial + 2) {
      for (int i = 0; i < spatial; i++) {
        int total = dilation.get(i) * (weight.size(i + 2) - 1);
        low.add(total / 2);
        high.add(total - total / 2);
      }
    } else {
      low = Sizes.spread(name, "padding", List.of(0), spatial);
      high = low;
    }
    List<Integer> stride = Sizes.spread(name, "stride", options.stride(), spatial);
    return new Convolutions.Geometry(stride, low, high, dilation, options.groups());
  }

  /** Takes the greatest element of each window of {@code [batch, channels, length]}. */
  public static Tensor maxPool1d(Tensor x, PoolOptions options) {
    return Calls.call(WindowOps.MAX_POOL1D, x, 0, window("maxPool1d", options, 1));
  }

  /** Takes the greatest element of each window of {@code [batch, channels, height, width]}. */
  public static Tensor maxPool2d(Tensor x, PoolOptions options) {
    return Calls.call(WindowOps.MAX_POOL2D, x, 0, window("maxPool2d", options, 2));
  }

  /** Takes the mean of each window of {@code [batch, channels, length]}. */
  public static Tensor avgPool1d(Tensor x, PoolOptions options) {
    return average(WindowOps.AVG_POOL1D, x, options, 1);
  }

  /** Takes the mean of each window of {@code [batch, channels, height, width]}. */
  public static Tensor avgPool2d(Tensor x, PoolOptions options) {
    return average(WindowOps.AVG_POOL2D, x, options, 2);
  }

  private static Tensor average(CallKind kind, Tensor x, PoolOptions options, int spatial) {
    if (options.dilation().stream().anyMatch(d -> d != 1)) {
      throw new LayerException(kind.name() + ": a mean takes no dilation");
    }
    Pooling.Geometry geometry = window(kind.name(), options, spatial);
    return Calls.call(
        kind, x, 0, new WindowOps.Average(geometry, options.countIncludePad(), options.divisor()));
  }

  private static Pooling.Geometry window(String name, PoolOptions options, int spatial) {
    List<Integer> stride = options.stride().isEmpty() ? options.kernel() : options.stride();
    return new Pooling.Geometry(
        Sizes.spread(name, "kernel", options.kernel(), spatial),
        Sizes.spread(name, "stride", stride, spatial),
        Sizes.spread(name, "padding", options.padding(), spatial),
        Sizes.spread(name, "dilation", options.dilation(), spatial),
        options.ceilMode());
  }

  /**
   * Takes means of windows that share the last dimensions evenly.
   *
   * @param sizes the result's sizes of the last dimensions; -1 keeps one
   */
  public static Tensor adaptiveAvgPool(Tensor x, List<Integer> sizes) {
    return Calls.call(WindowOps.ADAPTIVE_AVG_POOL, x, 0, unboxed(sizes));
  }

  /**
   * Takes the greatest elements of windows that share the last dimensions evenly.
   *
   * @param sizes the result's sizes of the last dimensions; -1 keeps one
   */
  public static Tensor adaptiveMaxPool(Tensor x, List<Integer> sizes) {
    return Calls.call(WindowOps.ADAPTIVE_MAX_POOL, x, 0, unboxed(sizes));
  }

  private static int[] unboxed(List<Integer> sizes) {
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }
}
