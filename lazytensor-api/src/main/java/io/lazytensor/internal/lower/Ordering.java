package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.axis;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.element;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.OrderOp;
import java.util.List;

/** Sorting and what follows from it. Sorts are stable; NaN counts as greatest. */
public final class Ordering {
  private Ordering() {}

  /**
   * Sorted values and where they were.
   *
   * @param values in order
   * @param indices {@code s32}, of the same dimensions
   */
  public record Sorted(HloInstruction values, HloInstruction indices) {
    /** Returns both. */
    public HloInstruction[] results() {
      return new HloInstruction[] {values, indices};
    }
  }

  /** Sorts along a dimension. */
  public static Sorted sort(HloBuilder b, HloInstruction x, int dim, boolean descending) {
    int d = axis(b, x, dim);
    if (rank(x) == 0) {
      return new Sorted(x, Primitives.constant(b, DType.S32, 0));
    }
    HloInstruction places = Primitives.iota(b, DType.S32, dims(x), d);
    OrderOp.Sort op = new OrderOp.Sort(d, comparator(type(x), descending), true);
    HloInstruction both = b.add(op, x, places);
    HloInstruction indices = element(b, both, 1);
    HloInstruction values = element(b, both, 0);
    if (!type(x).isFloating()) {
      return new Sorted(values, indices);
    }
    HloInstruction annotated =
        withGradient(
            values,
            x,
            (g, in, out, gradient) ->
                Scattering.scatterAdd(g, Primitives.zeros(g, in), d, indices, gradient));
    return new Sorted(annotated, indices);
  }

  private static HloComputation comparator(DType type, boolean descending) {
    HloBuilder b = new HloBuilder();
    HloInstruction left = b.add(new HloOp.Parameter(0, ArrayShape.scalar(type)));
    HloInstruction right = b.add(new HloOp.Parameter(1, ArrayShape.scalar(type)));
    HloInstruction leftPlace = b.add(new HloOp.Parameter(2, ArrayShape.scalar(DType.S32)));
    HloInstruction rightPlace = b.add(new HloOp.Parameter(3, ArrayShape.scalar(DType.S32)));
    ComparisonDirection direction = descending ? ComparisonDirection.GT : ComparisonDirection.LT;
    HloInstruction first = compare(b, direction, left, right);
    if (type.isFloating()) {
      HloInstruction number = descending ? right : left;
      HloInstruction nan = descending ? left : right;
      HloInstruction isNumber = compare(b, ComparisonDirection.EQ, number, number);
      HloInstruction isNan = compare(b, ComparisonDirection.NE, nan, nan);
      HloInstruction nanAtItsEnd = binary(b, BinaryKind.AND, isNumber, isNan);
      first = binary(b, BinaryKind.OR, first, nanAtItsEnd);
    }
    String name = (descending ? "descending_" : "ascending_") + type;
    return HloComputation.of(name, List.of(left, right, leftPlace, rightPlace), first);
  }

  /** Returns the k greatest or least along a dimension, in order. */
  public static Sorted topk(HloBuilder b, HloInstruction x, int k, int dim, boolean largest) {
    int d = axis(b, x, dim);
    int size = rank(x) == 0 ? 1 : dims(x).get(d);
    if (k < 0 || k > size) {
      throw refuse(b, "topk of " + x.shape() + ": takes 0 to " + size + " elements, got k = " + k);
    }
    Sorted all = sort(b, x, dim, largest);
    if (rank(x) == 0) {
      return all;
    }
    return new Sorted(
        Shapes.range(b, all.values(), d, 0, k, 1), Shapes.range(b, all.indices(), d, 0, k, 1));
  }

  /** Returns the lower median along a dimension, NaN if there is one. */
  public static Sorted median(HloBuilder b, HloInstruction x, int dim) {
    int d = axis(b, x, dim);
    if (rank(x) == 0) {
      return sort(b, x, 0, false);
    }
    int size = dims(x).get(d);
    if (size == 0) {
      throw refuse(b, "median of " + x.shape() + ": there is no element to choose");
    }
    HloInstruction source = x;
    if (type(x).isFloating()) {
      // One NaN makes all of its line NaN, so that the middle one is.
      HloInstruction isNan = Elementwise.isNan(b, x);
      HloInstruction any = Reducers.reduce(b, BinaryKind.OR, isNan, Dims.of(d));
      HloInstruction spoilt = Primitives.restore(b, any, dims(x), Dims.of(d));
      HloInstruction nan = Primitives.filled(b, type(x), dims(x), Double.NaN);
      source = Primitives.select(b, spoilt, nan, x);
    }
    Sorted sorted = sort(b, source, d, false);
    int middle = (size - 1) / 2;
    return new Sorted(
        Shapes.select(b, sorted.values(), d, middle),
        Shapes.select(b, sorted.indices(), d, middle));
  }

  /** Returns the greatest along a dimension and the first place it is at. */
  public static Sorted max(HloBuilder b, HloInstruction x, int dim, boolean keepDim) {
    return picked(b, x, dim, Reductions.argmax(b, x, dim, true), keepDim);
  }

  /** Returns the least along a dimension and the first place it is at. */
  public static Sorted min(HloBuilder b, HloInstruction x, int dim, boolean keepDim) {
    return picked(b, x, dim, Reductions.argmin(b, x, dim, true), keepDim);
  }

  private static Sorted picked(
      HloBuilder b, HloInstruction x, int dim, HloInstruction places, boolean keepDim) {
    if (rank(x) == 0) {
      return new Sorted(x, places);
    }
    HloInstruction values = Indexing.gather(b, x, dim, places);
    return keepDim
        ? new Sorted(values, places)
        : new Sorted(Shapes.squeeze(b, values, dim), Shapes.squeeze(b, places, dim));
  }

  /** Returns running maxima and where they are. */
  public static Sorted cummax(HloBuilder b, HloInstruction x, int dim) {
    return running(b, x, dim, Scans.cumulativeArgmax(b, x, dim));
  }

  /** Returns running minima and where they are. */
  public static Sorted cummin(HloBuilder b, HloInstruction x, int dim) {
    return running(b, x, dim, Scans.cumulativeArgmin(b, x, dim));
  }

  private static Sorted running(HloBuilder b, HloInstruction x, int dim, HloInstruction places) {
    return new Sorted(rank(x) == 0 ? x : Indexing.gather(b, x, dim, places), places);
  }
}
