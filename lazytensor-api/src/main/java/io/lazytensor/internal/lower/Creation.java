package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;

/** Tensors made from little or nothing. */
public final class Creation {
  private Creation() {}

  /** Returns {@code start + i step}. */
  public static HloInstruction arange(HloBuilder b, ArrayShape shape, double start, double step) {
    HloInstruction counter = Primitives.iota(b, shape.dtype(), shape.dims(), 0);
    HloInstruction scaled = step == 1 ? counter : mul(b, counter, step);
    return start == 0 ? scaled : add(b, scaled, start);
  }

  /** Returns numbers from the first to the last, counted from the nearer one as in PyTorch. */
  public static HloInstruction linspace(HloBuilder b, ArrayShape shape, double start, double end) {
    int n = shape.dim(0);
    double step = n < 2 ? 0 : (end - start) / (n - 1);
    HloInstruction counter = Primitives.iota(b, shape.dtype(), shape.dims(), 0);
    HloInstruction fromStart = add(b, mul(b, counter, step), start);
    HloInstruction left = Primitives.rsub(b, n - 1, counter);
    HloInstruction fromEnd = add(b, mul(b, left, -step), end);
    HloInstruction early = compare(b, ComparisonDirection.LT, counter, n / 2);
    return n < 2 ? fromStart : Primitives.select(b, early, fromStart, fromEnd);
  }

  /** Returns 1 where row and column are equal, else 0. */
  public static HloInstruction eye(HloBuilder b, ArrayShape shape) {
    HloInstruction rows = Primitives.iota(b, DType.S32, shape.dims(), 0);
    HloInstruction columns = Primitives.iota(b, DType.S32, shape.dims(), 1);
    return convert(b, compare(b, ComparisonDirection.EQ, rows, columns), shape.dtype());
  }

  /**
   * Returns a tensor for each vector that repeats it along the dimensions of the others.
   *
   * @param swapped whether the first two vectors run along dimension 1 and 0: indexing "xy"
   */
  public static List<HloInstruction> meshgrid(
      HloBuilder b, List<HloInstruction> vectors, boolean swapped) {
    int n = vectors.size();
    int[] sizes = new int[n];
    int[] places = new int[n];
    for (int i = 0; i < n; i++) {
      if (rank(vectors.get(i)) > 1 || type(vectors.get(i)) != type(vectors.getFirst())) {
        throw refuse(
            b,
            "meshgrid: expected vectors of one type, got %s and %s"
                .formatted(vectors.getFirst().shape(), vectors.get(i).shape()));
      }
      places[i] = swapped && i < 2 && n > 1 ? 1 - i : i;
      sizes[places[i]] = Math.toIntExact(vectors.get(i).arrayShape().elementCount());
    }
    List<HloInstruction> grids = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      HloInstruction vector = Primitives.reshape(b, vectors.get(i), Dims.of(sizes[places[i]]));
      grids.add(Primitives.broadcast(b, vector, Dims.of(sizes), Dims.of(places[i])));
    }
    return grids;
  }

  /** Returns 0 to n - 1 in random order: the order of random bits, {@code s32[n]}. */
  public static HloInstruction randperm(
      HloBuilder b, HloInstruction key, int stream, ArrayShape shape) {
    HloInstruction bits = RandomNumbers.bits(b, key, stream, shape.dims());
    return Ordering.sort(b, bits, 0, false).indices();
  }

  /** Returns 1 with the probability an element has, else 0, in the probabilities' type. */
  public static HloInstruction bernoulli(
      HloBuilder b, HloInstruction probabilities, HloInstruction key, int stream) {
    if (!type(probabilities).isFloating()) {
      throw refuse(
          b, "bernoulli of " + probabilities.shape() + ": expected floating-point probabilities");
    }
    HloInstruction unit = RandomNumbers.uniform(b, key, stream, dims(probabilities));
    HloInstruction wide = convert(b, probabilities, DType.F32);
    HloInstruction hits = compare(b, ComparisonDirection.LT, unit, wide);
    HloInstruction drawn = convert(b, hits, type(probabilities));
    return Primitives.stopGradient(b, drawn);
  }
}
