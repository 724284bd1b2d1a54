package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.zeros;

import io.lazytensor.nn.BagMode;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** Rows of a table, one by one or a bag of them as one. */
public final class EmbeddingBags {
  private EmbeddingBags() {}

  /**
   * Returns rows of a table, of which one has no gradient.
   *
   * @param paddingIndex that row; none if negative
   */
  public static HloInstruction embedding(
      HloBuilder b, HloInstruction table, HloInstruction indices, int paddingIndex) {
    HloInstruction rows = Indexing.embedding(b, table, indices);
    if (paddingIndex < 0) {
      return rows;
    }
    if (paddingIndex >= dims(table).get(0)) {
      throw refuse(
          b, "embedding: padding index " + paddingIndex + " is no row of " + table.shape());
    }
    HloInstruction padding = compare(b, ComparisonDirection.EQ, indices, paddingIndex);
    HloInstruction where = Primitives.broadcast(b, padding, dims(rows), Dims.range(rank(indices)));
    return select(b, where, Primitives.stopGradient(b, rows), rows);
  }

  /**
   * Folds rows of a table, as {@code torch.nn.functional.embedding_bag} of bags of one size.
   *
   * @param table [rows, width]
   * @param indices s32[batch, bag]
   * @param weights a factor for each index, with {@code SUM} only; none if null
   * @param paddingIndex the index that does not count; none if negative
   * @return [batch, width]; zeros for a bag of padding
   */
  public static HloInstruction bag(
      HloBuilder b,
      HloInstruction table,
      HloInstruction indices,
      @Nullable HloInstruction weights,
      BagMode mode,
      int paddingIndex) {
    if (rank(indices) != 2) {
      throw refuse(b, "embeddingBag: expected indices s32[batch,bag], got " + indices.shape());
    }
    if (weights != null && (mode != BagMode.SUM || !dims(weights).equals(dims(indices)))) {
      throw refuse(
          b,
          "embeddingBag: weights take mode SUM and the shape ["
              + dims(indices)
              + "], got "
              + mode
              + " and "
              + weights.shape());
    }
    HloInstruction rows = widen(b, embedding(b, table, indices, paddingIndex));
    Dims axis = Dims.of(1);
    if (weights != null) {
      HloInstruction factors = convert(b, weights, type(rows));
      rows = mul(b, rows, Primitives.broadcast(b, factors, dims(rows), Dims.range(2)));
    }
    HloInstruction counted = null;
    if (paddingIndex >= 0) {
      counted = compare(b, ComparisonDirection.NE, indices, paddingIndex);
    }
    HloInstruction folded =
        switch (mode) {
          case SUM -> Reductions.fold(b, BinaryKind.ADD, kept(b, rows, counted), axis);
          case MEAN -> mean(b, rows, counted, axis);
          case MAX -> greatest(b, rows, counted, axis);
        };
    return convert(b, folded, type(table));
  }

  private static HloInstruction kept(
      HloBuilder b, HloInstruction rows, @Nullable HloInstruction counted) {
    return counted == null ? rows : select(b, spread(b, counted, rows), rows, zeros(b, rows));
  }

  private static HloInstruction mean(
      HloBuilder b, HloInstruction rows, @Nullable HloInstruction counted, Dims axis) {
    if (counted == null) {
      return Reductions.meanOf(b, rows, axis);
    }
    HloInstruction sum = Reductions.fold(b, BinaryKind.ADD, kept(b, rows, counted), axis);
    HloInstruction ones = convert(b, counted, type(rows));
    HloInstruction count = Reductions.fold(b, BinaryKind.ADD, ones, axis);
    HloInstruction divisor = binary(b, BinaryKind.MAXIMUM, count, 1);
    return div(b, sum, restore(b, divisor, dims(sum), axis));
  }

  private static HloInstruction greatest(
      HloBuilder b, HloInstruction rows, @Nullable HloInstruction counted, Dims axis) {
    if (counted == null) {
      return Reductions.fold(b, BinaryKind.MAXIMUM, rows, axis);
    }
    HloInstruction lowest = Primitives.spread(b, Reducers.lowest(b, type(rows)), dims(rows));
    HloInstruction candidates = select(b, spread(b, counted, rows), rows, lowest);
    HloInstruction max = Reductions.fold(b, BinaryKind.MAXIMUM, candidates, axis);
    HloInstruction ones = convert(b, counted, DType.S32);
    HloInstruction count = Reductions.fold(b, BinaryKind.ADD, ones, axis);
    HloInstruction none = compare(b, ComparisonDirection.EQ, count, 0);
    HloInstruction empty = Primitives.broadcast(b, none, dims(max), Dims.of(0));
    return select(b, empty, zeros(b, max), max);
  }

  private static HloInstruction spread(HloBuilder b, HloInstruction counted, HloInstruction rows) {
    return Primitives.broadcast(b, counted, dims(rows), Dims.range(2));
  }
}
