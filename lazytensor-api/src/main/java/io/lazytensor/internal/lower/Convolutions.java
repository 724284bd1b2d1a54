package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of [batch, channels, spatial…] with kernels [out, in / groups, spatial…], and their
 * transposes, as {@code torch.nn.functional.conv1d} to {@code conv_transpose2d}.
 */
public final class Convolutions {
  private Convolutions() {}

  /**
   * How a kernel moves; lists have one number for each spatial dimension.
   *
   * @param stride distance of two places
   * @param low padding before the first element
   * @param high padding after the last
   * @param dilation distance of the kernel's elements
   * @param groups how many groups the channels are split into
   */
  public record Geometry(
      List<Integer> stride,
      List<Integer> low,
      List<Integer> high,
      List<Integer> dilation,
      int groups) {}

  /**
   * Returns the convolution.
   *
   * @param x [batch, in, spatial…], or without batch
   * @param weight [out, in / groups, spatial…]
   * @param bias [out], none if null
   */
  public static HloInstruction convolve(
      HloBuilder b,
      HloInstruction x,
      HloInstruction weight,
      @Nullable HloInstruction bias,
      Geometry geometry) {
    String op = b.metadata().opName();
    int spatial = geometry.stride().size();
    HloInstruction batched = batched(b, op, x, weight, spatial);
    int out = dims(weight).get(0);
    int expected = dims(weight).get(1) * geometry.groups();
    requireChannels(b, op, x, weight, dims(batched).get(1), expected, out, geometry.groups());
    List<WindowDimension> window = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      int size = dims(weight).get(i + 2);
      int reach = (size - 1) * geometry.dilation().get(i) + 1;
      int padded = dims(batched).get(i + 2) + geometry.low().get(i) + geometry.high().get(i);
      if (reach > padded) {
        throw refuse(
            b,
            op
                + " of "
                + x.shape()
                + " with weight "
                + weight.shape()
                + ": the kernel reaches over "
                + reach
                + " elements of dimension "
                + (i - spatial)
                + ", which has "
                + padded
                + " with its padding");
      }
      window.add(
          new WindowDimension(
              size,
              geometry.stride().get(i),
              geometry.low().get(i),
              geometry.high().get(i),
              1,
              geometry.dilation().get(i),
              false));
    }
    HloInstruction y = apply(b, batched, weight, window, geometry.groups());
    return unbatched(b, shifted(b, op, y, bias, out), x, spatial);
  }

  /**
   * Returns the gradient of a convolution with respect to its input as a function: strides become
   * holes.
   *
   * @param weight [in, out / groups, spatial…]
   * @param bias [out], none if null
   * @param outputPadding added to the result's size at the end, less than stride or dilation
   */
  public static HloInstruction transposed(
      HloBuilder b,
      HloInstruction x,
      HloInstruction weight,
      @Nullable HloInstruction bias,
      Geometry geometry,
      List<Integer> outputPadding) {
    String op = b.metadata().opName();
    int spatial = geometry.stride().size();
    HloInstruction batched = batched(b, op, x, weight, spatial);
    int groups = geometry.groups();
    int out = dims(weight).get(1) * groups;
    int in = dims(weight).get(0);
    requireChannels(b, op, x, weight, dims(batched).get(1), in, in, groups);
    List<WindowDimension> window = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      int size = dims(weight).get(i + 2);
      int dilation = geometry.dilation().get(i);
      int stride = geometry.stride().get(i);
      int extra = outputPadding.get(i);
      if (extra < 0 || extra >= Math.max(stride, dilation)) {
        throw refuse(b, op + ": outputPadding " + extra + " must be less than stride or dilation");
      }
      int reach = (size - 1) * dilation;
      int low = reach - geometry.low().get(i);
      int high = reach - geometry.high().get(i) + extra;
      window.add(new WindowDimension(size, 1, low, high, stride, dilation, false));
    }
    HloInstruction kernel = turned(b, weight, groups, spatial);
    HloInstruction y = apply(b, batched, kernel, window, groups);
    return unbatched(b, shifted(b, op, y, bias, out), x, spatial);
  }

  /** [in, out / groups, …] becomes [out, in / groups, …], reversed along the spatial dimensions. */
  private static HloInstruction turned(
      HloBuilder b, HloInstruction weight, int groups, int spatial) {
    int[] split = new int[spatial + 3];
    int[] joined = dims(weight).toArray();
    int[] order = Dims.range(spatial + 3).toArray();
    split[0] = groups;
    split[1] = joined[0] / groups;
    System.arraycopy(joined, 1, split, 2, spatial + 1);
    order[1] = 2;
    order[2] = 1;
    joined[0] = joined[1] * groups;
    joined[1] = split[1];
    HloInstruction apart = Primitives.reshape(b, weight, Dims.of(split));
    HloInstruction swapped = Primitives.transpose(b, apart, Dims.of(order));
    HloInstruction kernel = Primitives.reshape(b, swapped, Dims.of(joined));
    return b.add(new HloOp.Reverse(spatialDims(spatial)), kernel);
  }

  private static HloInstruction apply(
      HloBuilder b,
      HloInstruction x,
      HloInstruction weight,
      List<WindowDimension> window,
      int groups) {
    Dims spatial = spatialDims(window.size());
    ConvolutionDimensionNumbers numbers =
        new ConvolutionDimensionNumbers(0, 1, spatial, 1, 0, spatial, 0, 1, spatial);
    DType type = type(x);
    return b.add(
        new WindowOp.Convolution(
            new Window(window), numbers, groups, 1, PrecisionConfig.DEFAULT, type),
        x,
        weight);
  }

  private static Dims spatialDims(int count) {
    return Dims.of(Dims.range(count).stream().map(d -> d + 2).toArray());
  }

  private static HloInstruction batched(
      HloBuilder b, String op, HloInstruction x, HloInstruction weight, int spatial) {
    if (rank(weight) != spatial + 2 || (rank(x) != spatial + 2 && rank(x) != spatial + 1)) {
      throw refuse(
          b,
          op
              + " of "
              + x.shape()
              + " with weight "
              + weight.shape()
              + ": expected x [batch,channels,"
              + spatial
              + " spatial] and weight [out,in/groups,"
              + spatial
              + " spatial]");
    }
    if (type(x) != type(weight)) {
      throw refuse(
          b,
          op
              + " of "
              + x.shape()
              + " with weight "
              + weight.shape()
              + ": the types differ, cast one of them");
    }
    return rank(x) == spatial + 2 ? x : Primitives.reshape(b, x, Shapes.inserted(dims(x), 0, 1));
  }

  private static HloInstruction unbatched(
      HloBuilder b, HloInstruction y, HloInstruction x, int spatial) {
    return rank(x) == spatial + 2 ? y : Primitives.reshape(b, y, Shapes.removed(dims(y), 0));
  }

  private static void requireChannels(
      HloBuilder b,
      String op,
      HloInstruction x,
      HloInstruction weight,
      int actual,
      int expected,
      int grouped,
      int groups) {
    if (groups < 1 || grouped % groups != 0 || actual != expected) {
      throw refuse(
          b,
          op
              + " of "
              + x.shape()
              + " with weight "
              + weight.shape()
              + " in "
              + groups
              + " groups: expected "
              + expected
              + " input channels, got "
              + actual
              + (groups >= 1 && grouped % groups != 0
                  ? ", and " + grouped + " channels do not divide into the groups"
                  : ""));
    }
  }

  private static HloInstruction shifted(
      HloBuilder b, String op, HloInstruction y, @Nullable HloInstruction bias, int out) {
    if (bias == null) {
      return y;
    }
    if (!dims(bias).equals(Dims.of(out))) {
      throw refuse(b, op + ": expected a bias [" + out + "], got " + bias.shape());
    }
    HloInstruction spread = Primitives.broadcast(b, convert(b, bias, type(y)), dims(y), Dims.of(1));
    return Primitives.add(b, y, spread);
  }
}
