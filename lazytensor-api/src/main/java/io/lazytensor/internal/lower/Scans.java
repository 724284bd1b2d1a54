package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.axis;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;

/**
 * What is folded along a dimension up to each element. Distances double, so n elements take log2(n)
 * rounds, and every step has a gradient of its own.
 */
public final class Scans {
  private Scans() {}

  private interface Fold {
    HloInstruction apply(HloInstruction before, HloInstruction here);
  }

  /** Returns running sums; types as {@link Reductions#sum}. */
  public static HloInstruction cumsum(HloBuilder b, HloInstruction x, int dim) {
    HloInstruction source = convert(b, x, Primitives.wide(Reductions.summedType(type(x))));
    HloInstruction zero = Primitives.constant(b, type(source), 0);
    HloInstruction sums = scan(b, source, dim, zero, (before, here) -> add(b, here, before));
    return convert(b, sums, Reductions.summedType(type(x)));
  }

  /** Returns running products; types as {@link Reductions#prod}. */
  public static HloInstruction cumprod(HloBuilder b, HloInstruction x, int dim) {
    HloInstruction source = convert(b, x, Primitives.wide(Reductions.summedType(type(x))));
    HloInstruction one = Primitives.constant(b, type(source), 1);
    HloInstruction products = scan(b, source, dim, one, (before, here) -> mul(b, here, before));
    return convert(b, products, Reductions.summedType(type(x)));
  }

  /** Returns running log(Σ exp(x)). */
  public static HloInstruction logCumsumExp(HloBuilder b, HloInstruction x, int dim) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction wide = Primitives.widen(b, source);
    HloInstruction none = Primitives.constant(b, type(wide), Double.NEGATIVE_INFINITY);
    HloInstruction sums =
        scan(b, wide, dim, none, (before, here) -> MathFunctions.logAddExp(b, here, before));
    return convert(b, sums, type(source));
  }

  private static HloInstruction scan(
      HloBuilder b, HloInstruction x, int dim, HloInstruction neutral, Fold fold) {
    int d = axis(b, x, dim);
    HloInstruction out = x;
    if (rank(x) > 0) {
      for (int distance = 1; distance < dims(x).get(d); distance *= 2) {
        out = fold.apply(moved(b, out, d, distance, neutral), out);
      }
    }
    return out;
  }

  private static HloInstruction moved(
      HloBuilder b, HloInstruction x, int dim, int distance, HloInstruction filling) {
    int[] low = new int[rank(x)];
    int[] high = new int[rank(x)];
    low[dim] = distance;
    high[dim] = -distance;
    PaddingConfig shift = new PaddingConfig(Dims.of(low), Dims.of(high), Dims.filled(rank(x), 0));
    return b.add(new HloOp.Pad(shift), x, filling);
  }

  /**
   * Returns where the greatest element up to each one is, {@code s32}: the last of equal ones, as
   * PyTorch; NaN counts as greatest.
   */
  public static HloInstruction cumulativeArgmax(HloBuilder b, HloInstruction x, int dim) {
    return cumulativeExtreme(b, ComparisonDirection.GE, Reducers.lowest(b, type(x)), x, dim);
  }

  /** Returns where the least element up to each one is, {@code s32}. */
  public static HloInstruction cumulativeArgmin(HloBuilder b, HloInstruction x, int dim) {
    return cumulativeExtreme(b, ComparisonDirection.LE, Reducers.highest(b, type(x)), x, dim);
  }

  private static HloInstruction cumulativeExtreme(
      HloBuilder b, ComparisonDirection wins, HloInstruction neutral, HloInstruction x, int dim) {
    int d = axis(b, x, dim);
    if (rank(x) == 0) {
      return Primitives.constant(b, DType.S32, 0);
    }
    HloInstruction values = Primitives.stopGradient(b, x);
    HloInstruction places = Primitives.iota(b, DType.S32, dims(x), d);
    HloInstruction first = Primitives.constant(b, DType.S32, 0);
    for (int distance = 1; distance < dims(x).get(d); distance *= 2) {
      HloInstruction before = moved(b, values, d, distance, neutral);
      HloInstruction here = beats(b, wins, values, before);
      values = select(b, here, values, before);
      places = select(b, here, places, moved(b, places, d, distance, first));
    }
    return places;
  }

  private static HloInstruction beats(
      HloBuilder b, ComparisonDirection wins, HloInstruction x, HloInstruction y) {
    HloInstruction better = compare(b, wins, x, y);
    if (!type(x).isFloating()) {
      return better;
    }
    // Nothing beats NaN but a later NaN, and a comparison with NaN is false.
    return binary(b, BinaryKind.OR, better, Elementwise.isNan(b, x));
  }
}
