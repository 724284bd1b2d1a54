package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.widen;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;

/** Pooling over the last dimensions, as {@code torch.nn.functional.max_pool1d} and the like. */
public final class Pooling {
  private Pooling() {}

  /**
   * How a window moves; lists have one number for each spatial dimension.
   *
   * @param kernel the window's size
   * @param stride distance of two places
   * @param padding on both sides, at most half the kernel
   * @param dilation distance of the window's elements
   * @param ceilMode whether a last window may hang over the end
   */
  public record Geometry(
      List<Integer> kernel,
      List<Integer> stride,
      List<Integer> padding,
      List<Integer> dilation,
      boolean ceilMode) {}

  /** Returns the greatest element of each window; the first one has the gradient. */
  public static HloInstruction max(HloBuilder b, HloInstruction x, Geometry geometry) {
    List<WindowDimension> window = window(b, x, geometry);
    if (geometry.dilation().stream().allMatch(d -> d == 1)) {
      return b.add(
          new WindowOp.ReduceWindow(
              whole(x, window), Reducers.computation(BinaryKind.MAXIMUM, type(x))),
          x,
          Reducers.lowest(b, type(x)));
    }
    return spreadMax(b, x, window);
  }

  /** A maximum over slices: select-and-scatter, the fold's gradient, knows no dilation. */
  private static HloInstruction spreadMax(
      HloBuilder b, HloInstruction x, List<WindowDimension> window) {
    int first = rank(x) - window.size();
    int[] low = new int[rank(x)];
    int[] high = new int[rank(x)];
    for (int i = 0; i < window.size(); i++) {
      low[first + i] = window.get(i).paddingLow();
      high[first + i] = window.get(i).paddingHigh();
    }
    PaddingConfig config = new PaddingConfig(Dims.of(low), Dims.of(high), Dims.filled(rank(x), 0));
    HloInstruction padded = b.add(new HloOp.Pad(config), x, Reducers.lowest(b, type(x)));
    List<HloInstruction> slices = List.of(padded);
    for (int i = 0; i < window.size(); i++) {
      WindowDimension w = window.get(i);
      int size = dims(padded).get(first + i);
      int places = (size - (w.size() - 1) * w.windowDilation() - 1) / w.stride() + 1;
      List<HloInstruction> next = new ArrayList<>();
      for (HloInstruction slice : slices) {
        for (int k = 0; k < w.size(); k++) {
          int from = k * w.windowDilation();
          int to = from + (places - 1) * w.stride() + 1;
          next.add(Shapes.range(b, slice, first + i, from, to, w.stride()));
        }
      }
      slices = next;
    }
    HloInstruction max = slices.getFirst();
    for (HloInstruction slice : slices.subList(1, slices.size())) {
      max = select(b, compare(b, ComparisonDirection.GE, max, slice), max, slice);
    }
    return max;
  }

  /**
   * Returns the mean of each window.
   *
   * @param countIncludePad whether padding counts as elements
   * @param divisor what the sum is divided by; 0 for the number of elements
   */
  public static HloInstruction average(
      HloBuilder b, HloInstruction x, Geometry geometry, boolean countIncludePad, int divisor) {
    List<WindowDimension> window = window(b, x, geometry);
    HloInstruction f = widen(b, x);
    HloInstruction sum =
        b.add(
            new WindowOp.ReduceWindow(
                whole(f, window), Reducers.computation(BinaryKind.ADD, type(f))),
            f,
            Primitives.constant(b, type(f), 0));
    if (divisor != 0) {
      return convert(b, Primitives.div(b, sum, (double) divisor), type(x));
    }
    boolean even = true;
    double size = 1;
    for (int i = 0; i < window.size(); i++) {
      WindowDimension w = window.get(i);
      size *= w.size();
      int padding = geometry.padding().get(i);
      even &= w.paddingHigh() <= padding && (countIncludePad || padding == 0);
    }
    if (even) {
      return convert(b, Primitives.div(b, sum, size), type(x));
    }
    int first = rank(x) - window.size();
    HloInstruction mean = sum;
    for (int i = 0; i < window.size(); i++) {
      int d = first + i;
      HloInstruction counts =
          counts(
              b,
              dims(x).get(d),
              dims(sum).get(d),
              window.get(i),
              geometry.padding().get(i),
              countIncludePad);
      HloInstruction spread =
          Primitives.broadcast(b, convert(b, counts, type(sum)), dims(sum), Dims.of(d));
      mean = Primitives.div(b, mean, spread);
    }
    return convert(b, mean, type(x));
  }

  /** Returns how many elements each place of a window counts, s32[places]. */
  private static HloInstruction counts(
      HloBuilder b, int size, int places, WindowDimension w, int padding, boolean countIncludePad) {
    HloInstruction place = Primitives.iota(b, DType.S32, Dims.of(places), 0);
    HloInstruction start = add(b, mul(b, place, w.stride()), -padding);
    HloInstruction end =
        binary(b, BinaryKind.MINIMUM, add(b, start, w.size()), (double) size + padding);
    if (countIncludePad) {
      return sub(b, end, start);
    }
    HloInstruction from = binary(b, BinaryKind.MAXIMUM, start, 0);
    return sub(b, binary(b, BinaryKind.MINIMUM, end, size), from);
  }

  /**
   * Returns means over windows that share the last dimensions evenly: window i of n starts at ⌊i ·
   * size / n⌋ and ends before ⌈(i + 1) size / n⌉.
   *
   * @param sizes of the result's last dimensions; -1 keeps a dimension
   */
  public static HloInstruction adaptiveAverage(
      HloBuilder b, HloInstruction x, List<Integer> sizes) {
    int first = requireAdaptive(b, "adaptiveAvgPool", x, sizes);
    HloInstruction out = widen(b, x);
    for (int i = 0; i < sizes.size(); i++) {
      int d = first + i;
      int from = dims(x).get(d);
      int to = sizes.get(i) == -1 ? from : sizes.get(i);
      if (from == to) {
        continue;
      }
      HloInstruction means;
      if (from % to == 0) {
        int[] split = Shapes.inserted(dims(out), d, to).toArray();
        split[d + 1] = from / to;
        means = Reductions.mean(b, Primitives.reshape(b, out, Dims.of(split)), false, d + 1);
      } else {
        List<HloInstruction> windows = new ArrayList<>();
        for (int k = 0; k < to; k++) {
          HloInstruction window = adaptiveWindow(b, out, d, k, to);
          windows.add(Reductions.mean(b, window, true, d));
        }
        means = windows.size() == 1 ? windows.getFirst() : b.add(new HloOp.Concatenate(d), windows);
      }
      out = means;
    }
    return convert(b, out, type(x));
  }

  /** Returns maxima over windows that share the last dimensions evenly. */
  public static HloInstruction adaptiveMax(HloBuilder b, HloInstruction x, List<Integer> sizes) {
    int first = requireAdaptive(b, "adaptiveMaxPool", x, sizes);
    HloInstruction out = x;
    for (int i = 0; i < sizes.size(); i++) {
      int d = first + i;
      int to = sizes.get(i) == -1 ? dims(x).get(d) : sizes.get(i);
      if (to == dims(x).get(d)) {
        continue;
      }
      List<HloInstruction> windows = new ArrayList<>();
      for (int k = 0; k < to; k++) {
        windows.add(Reductions.max(b, adaptiveWindow(b, out, d, k, to), true, d));
      }
      out = windows.size() == 1 ? windows.getFirst() : b.add(new HloOp.Concatenate(d), windows);
    }
    return out;
  }

  private static HloInstruction adaptiveWindow(
      HloBuilder b, HloInstruction x, int d, int k, int count) {
    int size = dims(x).get(d);
    int start = Math.toIntExact((long) k * size / count);
    int end = Math.toIntExact(Math.ceilDiv((k + 1L) * size, (long) count));
    return Shapes.range(b, x, d, start, end, 1);
  }

  private static int requireAdaptive(
      HloBuilder b, String op, HloInstruction x, List<Integer> sizes) {
    int first = rank(x) - sizes.size();
    requireRank(b, op, x, sizes.size());
    for (int i = 0; i < sizes.size(); i++) {
      if (sizes.get(i) < -1 || sizes.get(i) == 0 || dims(x).get(first + i) == 0) {
        throw refuse(b, op + " of " + x.shape() + " to " + sizes + ": sizes are at least 1, or -1");
      }
    }
    return first;
  }

  private static void requireRank(HloBuilder b, String op, HloInstruction x, int spatial) {
    if (!type(x).isFloating() || (rank(x) != spatial + 1 && rank(x) != spatial + 2)) {
      throw refuse(
          b,
          op
              + " of "
              + x.shape()
              + ": expected floats [batch,channels,"
              + spatial
              + " spatial], the batch may be missing");
    }
  }

  /** Returns a window over all dimensions, of size 1 over batch and channels. */
  private static Window whole(HloInstruction x, List<WindowDimension> window) {
    List<WindowDimension> all = new ArrayList<>();
    for (int d = window.size(); d < rank(x); d++) {
      all.add(WindowDimension.of(1, 1));
    }
    all.addAll(window);
    return new Window(all);
  }

  /** Returns the window of the spatial dimensions; what hangs over the end is padding. */
  private static List<WindowDimension> window(HloBuilder b, HloInstruction x, Geometry geometry) {
    String op = b.metadata().opName();
    int spatial = geometry.kernel().size();
    requireRank(b, op, x, spatial);
    List<WindowDimension> window = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      int size = dims(x).get(rank(x) - spatial + i);
      int kernel = geometry.kernel().get(i);
      int stride = geometry.stride().get(i);
      int padding = geometry.padding().get(i);
      int reach = (kernel - 1) * geometry.dilation().get(i) + 1;
      int rest = size + 2 * padding - reach;
      if (rest < 0) {
        throw refuse(
            b,
            op
                + " of "
                + x.shape()
                + ": the window reaches over "
                + reach
                + " elements of dimension "
                + (i - spatial)
                + ", which has "
                + (size + 2 * padding)
                + " with its padding");
      }
      if (padding * 2 > kernel) {
        throw refuse(b, op + ": padding " + padding + " must be at most half the kernel " + kernel);
      }
      int places = (geometry.ceilMode() ? Math.ceilDiv(rest, stride) : rest / stride) + 1;
      // PyTorch drops a last window that would start in the padding behind the end.
      if (geometry.ceilMode() && (places - 1) * stride >= size + padding) {
        places--;
      }
      boolean hangsOver = places > rest / stride + 1;
      int high = hangsOver ? (places - 1) * stride + reach - size - padding : padding;
      window.add(
          new WindowDimension(kernel, stride, padding, high, 1, geometry.dilation().get(i), false));
    }
    return window;
  }
}
