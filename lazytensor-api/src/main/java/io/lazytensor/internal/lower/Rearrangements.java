package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.axis;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.reshape;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rearrangements of elements that are used less often than those of {@link Shapes}. */
public final class Rearrangements {
  private Rearrangements() {}

  /** Moves dimensions to other places; the others keep their order. */
  public static HloInstruction movedim(HloBuilder b, HloInstruction x, int[] from, int[] to) {
    Dims sources = Shapes.axes(b, x, from);
    Dims targets = Shapes.axes(b, x, to);
    if (sources.size() != targets.size()) {
      throw refuse(
          b,
          "movedim of %s: %d dimensions to %d places".formatted(x.shape(), from.length, to.length));
    }
    if (rank(x) == 0) {
      return x;
    }
    int[] order = new int[rank(x)];
    Arrays.fill(order, -1);
    for (int i = 0; i < sources.size(); i++) {
      order[targets.get(i)] = sources.get(i);
    }
    int next = 0;
    for (int i = 0; i < order.length; i++) {
      if (order[i] < 0) {
        while (sources.contains(next)) {
          next++;
        }
        order[i] = next++;
      }
    }
    return Primitives.transpose(b, x, Dims.of(order));
  }

  /** Splits a dimension into several; one of the sizes may be -1 and is computed. */
  public static HloInstruction unflatten(HloBuilder b, HloInstruction x, int dim, int... sizes) {
    int d = axis(b, x, dim);
    if (rank(x) == 0 || sizes.length == 0) {
      throw refuse(b, "unflatten of " + x.shape() + ": needs a dimension and its sizes");
    }
    int size = dims(x).get(d);
    int[] own = sizes.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < own.length; i++) {
      if (own[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= own[i];
      }
    }
    if (open >= 0 && known > 0 && size % known == 0) {
      own[open] = (int) (size / known);
      known = size;
    }
    if (known != size || Arrays.stream(own).anyMatch(s -> s < 0)) {
      throw refuse(
          b,
          "unflatten of %s: dimension %d of size %d does not split into [%s]"
              .formatted(x.shape(), dim, size, Dims.of(sizes)));
    }
    List<Integer> out = new ArrayList<>();
    for (int i = 0; i < rank(x); i++) {
      if (i == d) {
        Arrays.stream(own).forEach(out::add);
      } else {
        out.add(dims(x).get(i));
      }
    }
    return reshape(b, x, Dims.of(out.stream().mapToInt(i -> i).toArray()));
  }

  /** Repeats each element along a dimension, as {@code torch.repeat_interleave} with a number. */
  public static HloInstruction repeatInterleave(
      HloBuilder b, HloInstruction x, int times, int dim) {
    int d = axis(b, x, dim);
    if (times < 0 || rank(x) == 0) {
      throw refuse(
          b,
          "repeatInterleave of " + x.shape() + " by " + times + ": needs a dimension, times >= 0");
    }
    Dims own = dims(x);
    Dims wide = Shapes.inserted(own, d + 1, times);
    int[] places = Dims.range(own.size()).stream().map(i -> i <= d ? i : i + 1).toArray();
    HloInstruction repeated = Primitives.broadcast(b, x, wide, Dims.of(places));
    int[] merged = own.toArray();
    merged[d] = Math.multiplyExact(merged[d], times);
    return reshape(b, repeated, Dims.of(merged));
  }

  /**
   * Returns windows of a dimension as a new last dimension, as {@code torch.Tensor.unfold}.
   *
   * @param size of a window
   * @param step from one window to the next
   */
  public static HloInstruction unfold(HloBuilder b, HloInstruction x, int dim, int size, int step) {
    int d = axis(b, x, dim);
    int own = rank(x) == 0 ? 1 : dims(x).get(d);
    if (size < 0 || size > own || step < 1) {
      throw refuse(
          b,
          "unfold of %s: windows of size %d at a step of %d do not fit dimension %d"
              .formatted(x.shape(), size, step, dim));
    }
    HloInstruction source = rank(x) == 0 ? reshape(b, x, Dims.of(1)) : x;
    int count = (own - size) / step + 1;
    HloInstruction starts = Primitives.iota(b, DType.S32, Dims.of(count), 0);
    HloInstruction at = step == 1 ? starts : Primitives.mul(b, starts, step);
    int rank = rank(source);
    // The windows' number takes the dimension's place, their elements come last.
    Dims offsets = Dims.of(Dims.range(rank + 1).stream().filter(i -> i != d).toArray());
    HloInstruction moved = movedim(b, source, new int[] {d}, new int[] {-1});
    int[] window = dims(moved).toArray();
    window[rank - 1] = size;
    GatherDimensionNumbers numbers =
        new GatherDimensionNumbers(offsets, Dims.of(), Dims.of(), Dims.of(), Dims.of(rank - 1), 1);
    HloInstruction windows = b.add(new HloOp.Gather(numbers, Dims.of(window), true), moved, at);
    return rank(x) == 0 ? reshape(b, windows, Dims.of(size)) : windows;
  }

  /** Cuts a dimension into pieces of given sizes. */
  public static List<HloInstruction> split(HloBuilder b, HloInstruction x, int[] sizes, int dim) {
    int d = axis(b, x, dim);
    int own = rank(x) == 0 ? 0 : dims(x).get(d);
    if (rank(x) == 0
        || Arrays.stream(sizes).anyMatch(s -> s < 0)
        || Arrays.stream(sizes).asLongStream().sum() != own) {
      throw refuse(
          b,
          "split of %s along dimension %d: the sizes [%s] do not add up to %d"
              .formatted(x.shape(), dim, Dims.of(sizes), own));
    }
    List<HloInstruction> pieces = new ArrayList<>();
    int start = 0;
    for (int size : sizes) {
      pieces.add(Shapes.range(b, x, d, start, start + size, 1));
      start += size;
    }
    return pieces;
  }

  /** Returns every sub-array of a dimension, which disappears. */
  public static List<HloInstruction> unbind(HloBuilder b, HloInstruction x, int dim) {
    int d = axis(b, x, dim);
    if (rank(x) == 0 || dims(x).get(d) == 0) {
      throw refuse(b, "unbind of " + x.shape() + ": needs a dimension with elements");
    }
    List<HloInstruction> parts = new ArrayList<>();
    for (int i = 0; i < dims(x).get(d); i++) {
      parts.add(Shapes.select(b, x, d, i));
    }
    return parts;
  }

  /** Takes a range of a dimension that lies inside it. */
  public static HloInstruction narrow(
      HloBuilder b, HloInstruction x, int dim, int start, int length) {
    int d = axis(b, x, dim);
    int size = rank(x) == 0 ? 0 : dims(x).get(d);
    int from = start < 0 ? start + size : start;
    if (rank(x) == 0 || from < 0 || length < 0 || (long) from + length > size) {
      throw refuse(
          b,
          "narrow of %s: %d elements from %d do not lie in dimension %d"
              .formatted(x.shape(), length, start, dim));
    }
    return Shapes.range(b, x, d, from, from + length, 1);
  }

  /** Returns the elements on a diagonal of two dimensions, which become the last one. */
  public static HloInstruction diagonal(
      HloBuilder b, HloInstruction x, int offset, int dim1, int dim2) {
    if (rank(x) < 2) {
      throw refuse(b, "diagonal of " + x.shape() + ": needs two dimensions");
    }
    HloInstruction last =
        movedim(b, x, new int[] {dim1, dim2}, new int[] {rank(x) - 2, rank(x) - 1});
    int rank = rank(last);
    int rows = dims(last).get(rank - 2);
    int columns = dims(last).get(rank - 1);
    int row = Math.max(0, -offset);
    int column = Math.max(0, offset);
    int count = Math.max(0, Math.min(rows - row, columns - column));
    int[] lead = dims(last).stream().limit(rank - 2L).toArray();
    Dims result = Shapes.inserted(Dims.of(lead), lead.length, count);
    // In a square of side n + 1 in rows of n, the diagonal is a column.
    HloInstruction part = Shapes.range(b, last, rank - 2, row, row + count, 1);
    part = Shapes.range(b, part, rank - 1, column, column + count, 1);
    if (count <= 1) {
      return reshape(b, part, result);
    }
    int[] high = new int[rank];
    high[rank - 1] = 1;
    HloInstruction zero = Primitives.constant(b, Primitives.type(x), 0);
    HloInstruction widened =
        b.add(
            new HloOp.Pad(
                new PaddingConfig(Dims.filled(rank, 0), Dims.of(high), Dims.filled(rank, 0))),
            part,
            zero);
    Dims flat = Shapes.inserted(Dims.of(lead), lead.length, count * (count + 1));
    HloInstruction line = reshape(b, widened, flat);
    HloInstruction square = Shapes.range(b, line, lead.length, 0, count * (count + 1), count + 2);
    return reshape(b, square, result);
  }

  /** Moves elements along several dimensions; of all, flattened, if none are given. */
  public static HloInstruction roll(HloBuilder b, HloInstruction x, int[] shifts, int[] dims) {
    if (dims.length == 0 && shifts.length == 1) {
      HloInstruction flat = reshape(b, x, Dims.of(Math.toIntExact(dims(x).product())));
      return reshape(b, Shapes.roll(b, flat, shifts[0], 0), dims(x));
    }
    if (dims.length != shifts.length) {
      throw refuse(
          b,
          "roll of %s: %d shifts for %d dimensions"
              .formatted(x.shape(), shifts.length, dims.length));
    }
    HloInstruction out = x;
    for (int i = 0; i < dims.length; i++) {
      out = Shapes.roll(b, out, shifts[i], dims[i]);
    }
    return out;
  }
}
