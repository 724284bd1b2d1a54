package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.axis;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;

/**
 * Reads at computed places. Indices are {@code s32}; on a device an index out of range cannot be
 * refused, HLO takes the nearest one in range.
 */
public final class Indexing {
  private Indexing() {}

  /**
   * Returns rows of a table.
   *
   * @param table [rows, width]
   * @param indices [...]
   * @return [..., width]
   */
  public static HloInstruction embedding(
      HloBuilder b, HloInstruction table, HloInstruction indices) {
    if (rank(table) != 2) {
      throw refuse(b, "embedding: expected a table [rows,width], got " + table.shape());
    }
    return take(b, "embedding", table, 0, indices);
  }

  /**
   * Returns the sub-arrays at the indices of one dimension, as {@code torch.index_select}.
   *
   * @param indices [n]
   * @return x's shape with n in place of the dimension
   */
  public static HloInstruction indexSelect(
      HloBuilder b, HloInstruction x, int dim, HloInstruction indices) {
    int d = axis(b, x, dim);
    if (rank(indices) != 1 || rank(x) == 0) {
      throw refuse(
          b, "indexSelect of " + x.shape() + ": expected indices s32[n], got " + indices.shape());
    }
    return take(b, "indexSelect", x, d, indices);
  }

  /** Puts the dimensions of the indices in place of one dimension. */
  private static HloInstruction take(
      HloBuilder b, String op, HloInstruction x, int dim, HloInstruction indices) {
    requireIndices(b, op, x, indices);
    int own = rank(x);
    int n = rank(indices);
    int[] offsets = new int[own - 1];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i < dim ? i : i + n;
    }
    int[] window = dims(x).toArray();
    requireRows(b, op, x, dim, indices);
    window[dim] = 1;
    GatherDimensionNumbers numbers =
        new GatherDimensionNumbers(
            Dims.of(offsets), Dims.of(dim), Dims.of(), Dims.of(), Dims.of(dim), n);
    return b.add(new HloOp.Gather(numbers, Dims.of(window), false), x, indices);
  }

  /**
   * Returns {@code x[i][index[i][j]]} and so on, as {@code torch.gather}: the index replaces one
   * coordinate.
   *
   * @param index of x's rank, in no other dimension greater than x
   * @return the index's dimensions
   */
  public static HloInstruction gather(
      HloBuilder b, HloInstruction x, int dim, HloInstruction index) {
    requireIndices(b, "gather", x, index);
    int d = axis(b, x, dim);
    int rank = rank(x);
    boolean fits = rank > 0 && rank == rank(index);
    for (int i = 0; fits && i < rank; i++) {
      fits = i == d || dims(index).get(i) <= dims(x).get(i);
    }
    if (!fits) {
      throw refuse(
          b,
          "gather along dimension "
              + dim
              + " of "
              + x.shape()
              + ": expected an index of the same rank and in the other dimensions no greater, got "
              + index.shape());
    }
    requireRows(b, "gather", x, d, index);
    HloInstruction source = x;
    for (int i = 0; i < rank; i++) {
      if (i != d) {
        source = Shapes.range(b, source, i, 0, dims(index).get(i), 1);
      }
    }
    Dims others = Primitives.complement(rank, Dims.of(d));
    GatherDimensionNumbers numbers =
        new GatherDimensionNumbers(Dims.of(), Dims.of(d), others, others, Dims.of(d), rank);
    return b.add(new HloOp.Gather(numbers, Dims.filled(rank, 1), false), source, index);
  }

  /**
   * Returns 1 where the last coordinate equals the index, else 0; an index out of range gives
   * zeros.
   *
   * @param indices [...]
   * @param classes the size of the new last dimension
   * @param type of the result
   */
  public static HloInstruction oneHot(
      HloBuilder b, HloInstruction indices, int classes, DType type) {
    if (!type(indices).isInteger() || classes < 1) {
      throw refuse(
          b,
          "oneHot of " + indices.shape() + " with " + classes + " classes: expected s32 indices");
    }
    int n = rank(indices);
    Dims result = Shapes.inserted(dims(indices), n, classes);
    HloInstruction counter = Primitives.iota(b, type(indices), result, n);
    HloInstruction wanted = Primitives.broadcast(b, indices, result, Dims.range(n));
    return convert(b, compare(b, ComparisonDirection.EQ, counter, wanted), type);
  }

  private static void requireRows(
      HloBuilder b, String op, HloInstruction x, int dim, HloInstruction indices) {
    if (dims(x).get(dim) == 0 && indices.arrayShape().elementCount() > 0) {
      throw refuse(b, op + " of " + x.shape() + ": dimension " + dim + " has nothing to read");
    }
  }

  private static void requireIndices(
      HloBuilder b, String op, HloInstruction x, HloInstruction indices) {
    if (!type(indices).isInteger()) {
      throw refuse(b, op + " of " + x.shape() + ": expected s32 indices, got " + indices.shape());
    }
  }
}
