package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.axis;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rearrangements of elements. Negative dimension numbers count from the end. */
public final class Shapes {
  private Shapes() {}

  /**
   * Returns the same elements in row-major order under other dimensions.
   *
   * @param sizes the new sizes; at most one is -1 and becomes what is left
   */
  public static HloInstruction reshape(HloBuilder b, HloInstruction x, int... sizes) {
    long count = x.arrayShape().elementCount();
    int[] resolved = sizes.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == -1 && open < 0) {
        open = i;
      } else if (sizes[i] < 0) {
        throw badReshape(b, x, sizes, "sizes are not negative but for one -1");
      } else {
        known *= sizes[i];
      }
    }
    if (open >= 0) {
      if (known == 0 || count % known != 0) {
        throw badReshape(b, x, sizes, "the other sizes take " + known);
      }
      resolved[open] = Math.toIntExact(count / known);
      known = count;
    }
    if (known != count) {
      throw badReshape(b, x, sizes, "that is " + known);
    }
    return Primitives.reshape(b, x, Dims.of(resolved));
  }

  private static RuntimeException badReshape(
      HloBuilder b, HloInstruction x, int[] sizes, String why) {
    long count = x.arrayShape().elementCount();
    return refuse(
        b,
        "reshape of "
            + x.shape()
            + " ("
            + count
            + " elements) to ["
            + Dims.of(sizes)
            + "]: "
            + why);
  }

  /** Swaps two dimensions. */
  public static HloInstruction transpose(HloBuilder b, HloInstruction x, int dim0, int dim1) {
    int d0 = axis(b, x, dim0);
    int d1 = axis(b, x, dim1);
    if (rank(x) == 0) {
      return x;
    }
    int[] order = Dims.range(rank(x)).toArray();
    order[d0] = d1;
    order[d1] = d0;
    return Primitives.transpose(b, x, Dims.of(order));
  }

  /**
   * Permutes dimensions.
   *
   * @param order the operand dimension each result dimension comes from, each once
   */
  public static HloInstruction permute(HloBuilder b, HloInstruction x, int... order) {
    int[] resolved = axes(b, x, order).toArray();
    if (resolved.length != rank(x)) {
      throw refuse(
          b, "permute of " + x.shape() + " by [" + Dims.of(order) + "]: name each dimension once");
    }
    return Primitives.transpose(b, x, Dims.of(resolved));
  }

  /** Removes dimensions of size 1; others are left alone, as in PyTorch; all if none are named. */
  public static HloInstruction squeeze(HloBuilder b, HloInstruction x, int... dims) {
    Dims which = dims.length == 0 ? Dims.range(rank(x)) : axes(b, x, dims);
    Dims own = dims(x);
    return Primitives.reshape(
        b,
        x,
        Dims.of(
            Dims.range(own.size()).stream()
                .filter(d -> own.get(d) != 1 || !which.contains(d))
                .map(own::get)
                .toArray()));
  }

  /** Inserts a dimension of size 1 that gets the number {@code dim}. */
  public static HloInstruction unsqueeze(HloBuilder b, HloInstruction x, int dim) {
    int rank = rank(x);
    if (dim < -rank - 1 || dim > rank) {
      throw refuse(
          b,
          "unsqueeze of " + x.shape() + " at " + dim + ": expected " + (-rank - 1) + " to " + rank);
    }
    return Primitives.reshape(b, x, inserted(dims(x), dim < 0 ? dim + rank + 1 : dim, 1));
  }

  /**
   * Repeats dimensions of size 1 and adds dimensions in front.
   *
   * @param sizes the result's sizes; -1 keeps the operand's
   */
  public static HloInstruction expand(HloBuilder b, HloInstruction x, int... sizes) {
    Dims own = dims(x);
    int offset = sizes.length - own.size();
    int[] target = sizes.clone();
    for (int i = 0; i < sizes.length; i++) {
      int size = i < offset || offset < 0 ? -1 : own.get(i - offset);
      if (sizes[i] == -1) {
        target[i] = size;
      }
      boolean fits = i < offset || size == 1 || size == target[i];
      if (offset < 0 || target[i] < 0 || !fits) {
        throw badExpand(b, x, sizes);
      }
    }
    if (offset < 0) {
      throw badExpand(b, x, sizes);
    }
    return Broadcasting.expand(b, x, Dims.of(target));
  }

  private static RuntimeException badExpand(HloBuilder b, HloInstruction x, int[] sizes) {
    return refuse(
        b,
        "expand of "
            + x.shape()
            + " to ["
            + Dims.of(sizes)
            + "]: only dimensions of size 1 repeat, new dimensions go in front");
  }

  /** Takes one index of a dimension, which disappears. */
  public static HloInstruction select(HloBuilder b, HloInstruction x, int dim, int index) {
    int d = axis(b, x, dim);
    if (rank(x) == 0) {
      throw refuse(b, "select of " + x.shape() + ": a scalar has no dimension to select from");
    }
    int size = dims(x).get(d);
    if (index < -size || index >= size) {
      throw refuse(b, "select of " + x.shape() + ": dimension " + dim + " has no index " + index);
    }
    int at = index < 0 ? index + size : index;
    return Primitives.reshape(b, range(b, x, d, at, at + 1, 1), removed(dims(x), d));
  }

  /**
   * Takes a range of a dimension, as Python's {@code x[start:end:step]}.
   *
   * @param start first index; negative counts from the end, clamped to the size
   * @param end one past the last, likewise
   * @param step at least 1
   */
  public static HloInstruction slice(
      HloBuilder b, HloInstruction x, int dim, int start, int end, int step) {
    int d = axis(b, x, dim);
    if (rank(x) == 0 || step < 1) {
      throw refuse(
          b,
          "slice of " + x.shape() + " with step " + step + ": needs a dimension and a step >= 1");
    }
    int size = dims(x).get(d);
    int from = clampIndex(start, size);
    return range(b, x, d, from, Math.max(from, clampIndex(end, size)), step);
  }

  private static int clampIndex(int index, int size) {
    return Math.clamp(index < 0 ? (long) index + size : index, 0, size);
  }

  /** Takes a range of a dimension; bounds are right. */
  static HloInstruction range(
      HloBuilder b, HloInstruction x, int dim, int start, int end, int step) {
    Dims own = dims(x);
    if (start == 0 && end == own.get(dim) && step == 1) {
      return x;
    }
    int[] starts = new int[own.size()];
    int[] limits = own.toArray();
    int[] strides = Dims.filled(own.size(), 1).toArray();
    starts[dim] = start;
    limits[dim] = end;
    strides[dim] = step;
    return b.add(new HloOp.Slice(Dims.of(starts), Dims.of(limits), Dims.of(strides)), x);
  }

  /** Joins tensors along a dimension, in their common type. */
  public static HloInstruction concat(HloBuilder b, List<HloInstruction> tensors, int dim) {
    if (tensors.isEmpty()) {
      throw refuse(b, "concat of no tensors: give at least one");
    }
    HloInstruction first = tensors.getFirst();
    int d = axis(b, first, dim);
    for (HloInstruction x : tensors) {
      if (rank(x) == 0
          || rank(x) != rank(first)
          || !removed(dims(x), d).equals(removed(dims(first), d))) {
        throw refuse(
            b,
            "concat along dimension "
                + dim
                + " of "
                + first.shape()
                + " and "
                + x.shape()
                + ": the other dimensions must be equal");
      }
    }
    List<HloInstruction> same = inCommonType(b, "concat", tensors);
    return same.size() == 1 ? same.getFirst() : b.add(new HloOp.Concatenate(d), same);
  }

  /** Joins tensors of one shape along a new dimension. */
  public static HloInstruction stack(HloBuilder b, List<HloInstruction> tensors, int dim) {
    List<HloInstruction> rows = new ArrayList<>(tensors.size());
    for (HloInstruction x : tensors) {
      if (!dims(x).equals(dims(tensors.getFirst()))) {
        throw refuse(
            b,
            "stack of "
                + tensors.getFirst().shape()
                + " and "
                + x.shape()
                + ": all shapes must be equal");
      }
      rows.add(unsqueeze(b, x, dim));
    }
    return concat(b, rows, dim);
  }

  private static List<HloInstruction> inCommonType(
      HloBuilder b, String op, List<HloInstruction> tensors) {
    HloInstruction widest = tensors.getFirst();
    DType common = type(widest);
    for (HloInstruction x : tensors) {
      if (type(x) != common) {
        common = Promotion.resultType(b, op, widest, x);
        widest = convert(b, widest, common);
      }
    }
    DType type = common;
    return tensors.stream().map(x -> convert(b, x, type)).toList();
  }

  /** Cuts a dimension into pieces of a size; the last one may be smaller. */
  public static List<HloInstruction> split(HloBuilder b, HloInstruction x, int size, int dim) {
    int d = axis(b, x, dim);
    if (size < 1 || rank(x) == 0) {
      throw refuse(b, "split of " + x.shape() + " into pieces of " + size + ": needs a size >= 1");
    }
    int total = dims(x).get(d);
    List<HloInstruction> pieces = new ArrayList<>();
    for (int start = 0; start < total || start == 0; start += size) {
      pieces.add(range(b, x, d, start, Math.min(total, start + size), 1));
    }
    return pieces;
  }

  /** Cuts a dimension into at most {@code chunks} pieces of equal size, the last maybe smaller. */
  public static List<HloInstruction> chunk(HloBuilder b, HloInstruction x, int chunks, int dim) {
    int d = axis(b, x, dim);
    if (chunks < 1 || rank(x) == 0) {
      throw refuse(b, "chunk of " + x.shape() + " into " + chunks + ": needs at least 1 chunk");
    }
    return split(b, x, Math.max(1, Math.ceilDiv(dims(x).get(d), chunks)), dim);
  }

  /** Reverses the order along dimensions. */
  public static HloInstruction flip(HloBuilder b, HloInstruction x, int... dims) {
    Dims which = axes(b, x, dims);
    return which.isEmpty() || rank(x) == 0 ? x : b.add(new HloOp.Reverse(which), x);
  }

  /**
   * Pads with a value.
   *
   * @param padding low and high of the last dimension, then of the one before, as {@code
   *     torch.nn.functional.pad}; negative crops
   */
  public static HloInstruction pad(HloBuilder b, HloInstruction x, Number value, int... padding) {
    int rank = rank(x);
    if (padding.length % 2 != 0 || padding.length > 2 * rank) {
      throw refuse(
          b,
          "pad of "
              + x.shape()
              + " by ["
              + Dims.of(padding)
              + "]: expected pairs of low and high, at most "
              + rank);
    }
    int[] low = new int[rank];
    int[] high = new int[rank];
    for (int i = 0; i < padding.length / 2; i++) {
      low[rank - 1 - i] = padding[2 * i];
      high[rank - 1 - i] = padding[2 * i + 1];
    }
    if (Arrays.stream(padding).allMatch(p -> p == 0)) {
      return x;
    }
    PaddingConfig config = new PaddingConfig(Dims.of(low), Dims.of(high), Dims.filled(rank, 0));
    return b.add(new HloOp.Pad(config), x, Promotion.literal(b, value, type(x)));
  }

  /** Merges dimensions {@code start} to {@code end}, both included; a scalar becomes [1]. */
  public static HloInstruction flatten(HloBuilder b, HloInstruction x, int start, int end) {
    int from = axis(b, x, start);
    int to = axis(b, x, end);
    if (rank(x) == 0) {
      return Primitives.reshape(b, x, Dims.of(1));
    }
    if (from > to) {
      throw refuse(b, "flatten of " + x.shape() + ": start " + start + " is after end " + end);
    }
    Dims own = dims(x);
    int[] sizes = new int[own.size() - (to - from)];
    Arrays.fill(sizes, 1);
    for (int i = 0; i < own.size(); i++) {
      int at = i <= from ? i : Math.max(from, i - (to - from));
      sizes[at] = Math.multiplyExact(sizes[at], own.get(i));
    }
    return Primitives.reshape(b, x, Dims.of(sizes));
  }

  /**
   * Repeats the whole tensor along dimensions, as {@code torch.Tensor.repeat}.
   *
   * @param times how often along each dimension, new dimensions in front
   */
  public static HloInstruction repeat(HloBuilder b, HloInstruction x, int... times) {
    int fresh = times.length - rank(x);
    if (fresh < 0 || Arrays.stream(times).anyMatch(t -> t < 0)) {
      throw refuse(
          b, "repeat of " + x.shape() + " by [" + Dims.of(times) + "]: one count per dimension");
    }
    int[] spread = new int[2 * times.length];
    int[] places = new int[rank(x)];
    int[] merged = new int[times.length];
    for (int i = 0; i < times.length; i++) {
      int size = i < fresh ? 1 : dims(x).get(i - fresh);
      spread[2 * i] = times[i];
      spread[2 * i + 1] = size;
      merged[i] = Math.multiplyExact(times[i], size);
      if (i >= fresh) {
        places[i - fresh] = 2 * i + 1;
      }
    }
    if (Dims.of(merged).equals(dims(x))) {
      return x;
    }
    HloInstruction repeated = b.add(new HloOp.Broadcast(Dims.of(spread), Dims.of(places)), x);
    return Primitives.reshape(b, repeated, Dims.of(merged));
  }

  /** Moves elements along a dimension; those pushed out come back at the other end. */
  public static HloInstruction roll(HloBuilder b, HloInstruction x, int shift, int dim) {
    int d = axis(b, x, dim);
    int size = rank(x) == 0 ? 0 : dims(x).get(d);
    int by = size == 0 ? 0 : Math.floorMod(shift, size);
    if (by == 0) {
      return x;
    }
    HloInstruction tail = range(b, x, d, size - by, size, 1);
    return b.add(new HloOp.Concatenate(d), tail, range(b, x, d, 0, size - by, 1));
  }

  /** Keeps the elements of the last two dimensions where column - row is at most a number. */
  public static HloInstruction tril(HloBuilder b, HloInstruction x, int diagonal) {
    return triangle(b, "tril", ComparisonDirection.LE, x, diagonal);
  }

  /** Keeps the elements of the last two dimensions where column - row is at least a number. */
  public static HloInstruction triu(HloBuilder b, HloInstruction x, int diagonal) {
    return triangle(b, "triu", ComparisonDirection.GE, x, diagonal);
  }

  private static HloInstruction triangle(
      HloBuilder b, String op, ComparisonDirection kept, HloInstruction x, int diagonal) {
    int rank = rank(x);
    if (rank < 2) {
      throw refuse(b, op + " of " + x.shape() + ": needs two dimensions");
    }
    HloInstruction rows = Primitives.iota(b, DType.S32, dims(x), rank - 2);
    HloInstruction limit = diagonal == 0 ? rows : Primitives.add(b, rows, diagonal);
    HloInstruction columns = Primitives.iota(b, DType.S32, dims(x), rank - 1);
    HloInstruction mask = Primitives.compare(b, kept, columns, limit);
    return Primitives.select(b, mask, x, Primitives.zeros(b, x));
  }

  /** Returns dimension numbers counted from the front, each once. */
  static Dims axes(HloBuilder b, HloInstruction x, int... dims) {
    int[] resolved = Arrays.stream(dims).map(d -> axis(b, x, d)).toArray();
    if (Arrays.stream(resolved).distinct().count() != resolved.length) {
      throw refuse(
          b,
          b.metadata().opName()
              + " of "
              + x.shape()
              + ": a dimension occurs twice in ["
              + Dims.of(dims)
              + "]");
    }
    return Dims.of(resolved);
  }

  static Dims removed(Dims dims, int which) {
    return Dims.of(
        Dims.range(dims.size()).stream().filter(i -> i != which).map(dims::get).toArray());
  }

  static Dims inserted(Dims dims, int at, int size) {
    int[] out = new int[dims.size() + 1];
    for (int i = 0; i < out.length; i++) {
      out[i] = i == at ? size : dims.get(i < at ? i : i - 1);
    }
    return Dims.of(out);
  }
}
