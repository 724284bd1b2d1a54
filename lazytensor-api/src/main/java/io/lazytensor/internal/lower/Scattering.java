package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.axis;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes at computed places. Indices are {@code s32}; on a device what would be written out of
 * range is left out.
 */
public final class Scattering {
  private Scattering() {}

  /** Writes elements to {@code x[i][index[i][j]]} and so on, as {@code torch.scatter}. */
  public static HloInstruction scatter(
      HloBuilder b, HloInstruction x, int dim, HloInstruction index, HloInstruction source) {
    HloInstruction updates = fitted(b, "scatter", x, dim, index, source);
    HloComputation second = replacing(type(x));
    HloInstruction written = write(b, x, axis(b, x, dim), index, updates, second);
    HloInstruction places = index;
    return Primitives.withGradient(
        written,
        List.of(x, updates),
        (g, in, out, gradient) -> {
          HloInstruction none = Primitives.zeros(g, in.get(1));
          HloInstruction kept =
              write(g, gradient, axis(g, x, dim), places, none, replacing(type(gradient)));
          HloInstruction read = Indexing.gather(g, gradient, dim, places);
          return List.<@Nullable HloInstruction>of(kept, read);
        });
  }

  /** Writes a number to {@code x[i][index[i][j]]} and so on. */
  public static HloInstruction scatter(
      HloBuilder b, HloInstruction x, int dim, HloInstruction index, Number value) {
    HloInstruction scalar = Promotion.literal(b, value, type(x));
    return scatter(b, x, dim, index, Primitives.spread(b, scalar, dims(index)));
  }

  /** Adds elements to {@code x[i][index[i][j]]} and so on, as {@code torch.scatter_add}. */
  public static HloInstruction scatterAdd(
      HloBuilder b, HloInstruction x, int dim, HloInstruction index, HloInstruction source) {
    HloInstruction updates = fitted(b, "scatterAdd", x, dim, index, source);
    HloComputation sum = Reducers.computation(BinaryKind.ADD, type(x));
    return write(b, x, axis(b, x, dim), index, updates, sum);
  }

  /** Cuts the source to the index's dimensions, and checks that all fit. */
  private static HloInstruction fitted(
      HloBuilder b,
      String op,
      HloInstruction x,
      int dim,
      HloInstruction index,
      HloInstruction source) {
    int d = axis(b, x, dim);
    boolean fits = rank(x) > 0 && rank(x) == rank(index) && rank(x) == rank(source);
    for (int i = 0; fits && i < rank(x); i++) {
      fits =
          dims(index).get(i) <= dims(source).get(i)
              && (i == d || dims(index).get(i) <= dims(x).get(i));
    }
    if (!fits || !type(index).isInteger() || type(source) != type(x)) {
      throw refuse(
          b,
          "%s along dimension %d of %s: expected an s32 index of the same rank, in the other"
                  .formatted(op, dim, x.shape())
              + " dimensions no greater, and a source of %s at least as large as the index;"
                  .formatted(type(x))
              + " got index "
              + index.shape()
              + " and source "
              + source.shape());
    }
    HloInstruction updates = source;
    for (int i = 0; i < rank(x); i++) {
      updates = Shapes.range(b, updates, i, 0, dims(index).get(i), 1);
    }
    return updates;
  }

  private static HloInstruction write(
      HloBuilder b,
      HloInstruction x,
      int d,
      HloInstruction index,
      HloInstruction updates,
      HloComputation combiner) {
    Dims others = Primitives.complement(rank(x), Dims.of(d));
    boolean whole = others.stream().allMatch(i -> dims(x).get(i) == dims(index).get(i));
    if (!whole) {
      return writePart(b, x, d, index, updates, combiner, others);
    }
    ScatterDimensionNumbers numbers =
        new ScatterDimensionNumbers(Dims.of(), Dims.of(d), others, others, Dims.of(d), rank(x));
    return b.add(new HloOp.Scatter(numbers, combiner, false, false), x, index, updates);
  }

  /**
   * Batching dimensions have equal sizes, so what lies beyond the index is cut off and put back.
   */
  private static HloInstruction writePart(
      HloBuilder b,
      HloInstruction x,
      int d,
      HloInstruction index,
      HloInstruction updates,
      HloComputation combiner,
      Dims others) {
    int i = others.stream().filter(o -> dims(x).get(o) != dims(index).get(o)).findFirst().orElse(d);
    int size = dims(index).get(i);
    HloInstruction head = Shapes.range(b, x, i, 0, size, 1);
    HloInstruction tail = Shapes.range(b, x, i, size, dims(x).get(i), 1);
    HloInstruction written = write(b, head, d, index, updates, combiner);
    return b.add(new HloOp.Concatenate(i), written, tail);
  }

  /** Returns the computation that keeps the update. */
  private static HloComputation replacing(DType type) {
    HloBuilder b = new HloBuilder();
    ArrayShape scalar = ArrayShape.scalar(type);
    HloInstruction before = b.add(new HloOp.Parameter(0, scalar));
    HloInstruction update = b.add(new HloOp.Parameter(1, scalar));
    return HloComputation.of("replace_" + type, List.of(before, update), update);
  }

  /**
   * Adds sub-arrays at the indices of one dimension, times a number, as {@code torch.index_add}.
   *
   * @param indices [n]
   * @param source x's shape with n in place of the dimension
   */
  public static HloInstruction indexAdd(
      HloBuilder b,
      HloInstruction x,
      int dim,
      HloInstruction indices,
      HloInstruction source,
      Number alpha) {
    int d = axis(b, x, dim);
    requireRows(b, "indexAdd", x, d, indices, source);
    HloComputation sum = Reducers.computation(BinaryKind.ADD, type(x));
    return writeRows(b, x, d, indices, MathFunctions.scaled(b, source, alpha), sum);
  }

  /** Writes sub-arrays at the indices of one dimension, as {@code torch.index_copy}. */
  public static HloInstruction indexCopy(
      HloBuilder b, HloInstruction x, int dim, HloInstruction indices, HloInstruction source) {
    int d = axis(b, x, dim);
    requireRows(b, "indexCopy", x, d, indices, source);
    HloInstruction written = writeRows(b, x, d, indices, source, replacing(type(x)));
    return Primitives.withGradient(
        written,
        List.of(x, source),
        (g, in, out, gradient) -> {
          HloInstruction none = Primitives.zeros(g, in.get(1));
          return List.<@Nullable HloInstruction>of(
              writeRows(g, gradient, d, indices, none, replacing(type(gradient))),
              Indexing.indexSelect(g, gradient, d, indices));
        });
  }

  /** Writes a number at the indices of one dimension, as {@code torch.index_fill}. */
  public static HloInstruction indexFill(
      HloBuilder b, HloInstruction x, int dim, HloInstruction indices, Number value) {
    int d = axis(b, x, dim);
    if (rank(x) == 0 || rank(indices) != 1 || !type(indices).isInteger()) {
      throw refuse(
          b, "indexFill of " + x.shape() + ": expected indices s32[n], got " + indices.shape());
    }
    int size = dims(x).get(d);
    HloInstruction hits =
        Reductions.any(b, Indexing.oneHot(b, indices, size, DType.PRED), false, 0);
    HloInstruction mask = Primitives.broadcast(b, hits, dims(x), Dims.of(d));
    HloInstruction filling = Promotion.literal(b, value, type(x));
    return select(b, mask, Primitives.spread(b, filling, dims(x)), x);
  }

  private static HloInstruction writeRows(
      HloBuilder b,
      HloInstruction x,
      int d,
      HloInstruction indices,
      HloInstruction source,
      HloComputation combiner) {
    ScatterDimensionNumbers numbers =
        new ScatterDimensionNumbers(
            Primitives.complement(rank(x), Dims.of(d)),
            Dims.of(d),
            Dims.of(),
            Dims.of(),
            Dims.of(d),
            1);
    return b.add(new HloOp.Scatter(numbers, combiner, false, false), x, indices, source);
  }

  private static void requireRows(
      HloBuilder b,
      String op,
      HloInstruction x,
      int d,
      HloInstruction indices,
      HloInstruction source) {
    boolean fits = rank(x) > 0 && rank(indices) == 1 && type(indices).isInteger();
    if (fits) {
      Dims expected = Shapes.inserted(Shapes.removed(dims(x), d), d, dims(indices).get(0));
      fits = dims(source).equals(expected) && type(source) == type(x);
    }
    if (!fits) {
      throw refuse(
          b,
          "%s along dimension %d of %s: expected s32[n] indices and a source of the same type with"
                  .formatted(op, d, x.shape())
              + " n in its place, got "
              + indices.shape()
              + " and "
              + source.shape());
    }
  }

  /**
   * Gathers with dimensions other than one broadcast against each other, as {@code
   * torch.take_along_dim}.
   */
  public static HloInstruction takeAlongDim(
      HloBuilder b, HloInstruction x, HloInstruction index, int dim) {
    int d = axis(b, x, dim);
    if (rank(x) == 0 || rank(x) != rank(index)) {
      throw refuse(
          b,
          "takeAlongDim of " + x.shape() + ": expected an index of its rank, got " + index.shape());
    }
    int[] source = dims(x).toArray();
    int[] places = dims(index).toArray();
    for (int i = 0; i < source.length; i++) {
      if (i == d) {
        continue;
      }
      if (source[i] != places[i] && source[i] != 1 && places[i] != 1) {
        throw refuse(
            b, "takeAlongDim of " + x.shape() + " by " + index.shape() + ": they do not broadcast");
      }
      source[i] = source[i] == 1 ? places[i] : source[i];
      places[i] = source[i];
    }
    HloInstruction wideX = Broadcasting.expand(b, x, Dims.of(source));
    return Indexing.gather(b, wideX, d, Broadcasting.expand(b, index, Dims.of(places)));
  }
}
