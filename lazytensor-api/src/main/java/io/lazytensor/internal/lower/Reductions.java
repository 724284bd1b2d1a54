package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * Folds along dimensions. {@code dims} lists dimension numbers, negative ones count from the end,
 * none means all; {@code keepDim} leaves sizes of 1 in their place.
 */
public final class Reductions {
  private Reductions() {}

  /** Returns the sum; pred and integers narrower than 32 bits are summed as {@code s32}. */
  public static HloInstruction sum(HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    HloInstruction sum = fold(b, BinaryKind.ADD, accumulator(b, x), axes);
    return finish(b, convert(b, sum, summedType(type(x))), x, axes, keepDim);
  }

  /** Returns the mean; of integers and pred in {@code f32}. An empty mean is NaN. */
  public static HloInstruction mean(HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    HloInstruction f = Promotion.floating(b, x);
    HloInstruction mean = meanOf(b, widen(b, f), axes);
    return finish(b, convert(b, mean, type(f)), x, axes, keepDim);
  }

  /** Returns the product; pred and integers narrower than 32 bits as {@code s32}. */
  public static HloInstruction prod(HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    HloInstruction product = fold(b, BinaryKind.MULTIPLY, accumulator(b, x), axes);
    return finish(b, convert(b, product, summedType(type(x))), x, axes, keepDim);
  }

  /** Returns the greatest values; NaN if there is one ({@code torch.amax}). */
  public static HloInstruction max(HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    return extreme(b, "max", BinaryKind.MAXIMUM, x, keepDim, dims);
  }

  /** Returns the smallest values; NaN if there is one ({@code torch.amin}). */
  public static HloInstruction min(HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    return extreme(b, "min", BinaryKind.MINIMUM, x, keepDim, dims);
  }

  private static HloInstruction extreme(
      HloBuilder b, String op, BinaryKind kind, HloInstruction x, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    refuseEmpty(b, op, x, axes);
    return finish(b, fold(b, kind, x, axes), x, axes, keepDim);
  }

  /** Returns the first index of the greatest value as {@code s32}; a NaN counts as greatest. */
  public static HloInstruction argmax(HloBuilder b, HloInstruction x, int dim, boolean keepDim) {
    return indexOf(b, "argmax", BinaryKind.MAXIMUM, x, dim, keepDim);
  }

  /** Returns the first index of the smallest value as {@code s32}; a NaN counts as smallest. */
  public static HloInstruction argmin(HloBuilder b, HloInstruction x, int dim, boolean keepDim) {
    return indexOf(b, "argmin", BinaryKind.MINIMUM, x, dim, keepDim);
  }

  /** Returns the first index of the greatest value of the flattened tensor as {@code s32[]}. */
  public static HloInstruction argmax(HloBuilder b, HloInstruction x) {
    return argmax(b, Shapes.flatten(b, x, 0, -1), 0, false);
  }

  /** Returns the first index of the smallest value of the flattened tensor as {@code s32[]}. */
  public static HloInstruction argmin(HloBuilder b, HloInstruction x) {
    return argmin(b, Shapes.flatten(b, x, 0, -1), 0, false);
  }

  /**
   * The smallest index where the extreme value is. Two plain folds instead of one over pairs: every
   * backend has fast kernels for them.
   */
  private static HloInstruction indexOf(
      HloBuilder b, String op, BinaryKind kind, HloInstruction x, int dim, boolean keepDim) {
    HloInstruction source = rank(x) == 0 ? Primitives.reshape(b, x, Dims.of(1)) : x;
    Dims own = dims(source);
    Dims axes = Shapes.axes(b, source, dim);
    refuseEmpty(b, op, source, axes);
    HloInstruction extreme = restore(b, fold(b, kind, source, axes), own, axes);
    HloInstruction hits = compare(b, ComparisonDirection.EQ, source, extreme);
    if (type(source).isFloating()) {
      // If the extreme is NaN nothing equals it, and if it is not there is no NaN.
      hits = Primitives.binary(b, BinaryKind.OR, hits, Elementwise.isNan(b, source));
    }
    HloInstruction index = Primitives.iota(b, DType.S32, own, axes.get(0));
    HloInstruction none = filled(b, DType.S32, own, own.get(axes.get(0)));
    HloInstruction first = fold(b, BinaryKind.MINIMUM, select(b, hits, index, none), axes);
    return rank(x) == 0
        ? Primitives.reshape(b, first, Dims.of())
        : finish(b, first, x, axes, keepDim);
  }

  /**
   * Returns the variance.
   *
   * @param correction what is taken off the count: 1 for the unbiased estimate (PyTorch's default),
   *     0 for the population's
   */
  public static HloInstruction variance(
      HloBuilder b, HloInstruction x, double correction, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    HloInstruction f = Promotion.floating(b, x);
    HloInstruction variance = varianceOf(b, widen(b, f), correction, axes);
    return finish(b, convert(b, variance, type(f)), x, axes, keepDim);
  }

  /** Returns the standard deviation, the root of {@link #variance}; its gradient at 0 is 0. */
  public static HloInstruction std(
      HloBuilder b, HloInstruction x, double correction, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    HloInstruction f = Promotion.floating(b, x);
    HloInstruction variance = varianceOf(b, widen(b, f), correction, axes);
    HloInstruction std =
        withGradient(
            unary(b, UnaryKind.SQRT, variance),
            variance,
            (g, in, out, gradient) -> {
              HloInstruction zero = Primitives.zeros(g, out);
              HloInstruction isZero = compare(g, ComparisonDirection.EQ, out, zero);
              return select(g, isZero, zero, Primitives.div(g, gradient, mul(g, out, 2)));
            });
    return finish(b, convert(b, std, type(f)), x, axes, keepDim);
  }

  private static HloInstruction varianceOf(
      HloBuilder b, HloInstruction x, double correction, Dims axes) {
    HloInstruction centred = sub(b, x, restore(b, meanOf(b, x, axes), dims(x), axes));
    HloInstruction squares = fold(b, BinaryKind.ADD, mul(b, centred, centred), axes);
    // An estimate from too few values is NaN or infinite, as in PyTorch.
    return Primitives.div(b, squares, Math.max(0, count(x, axes) - correction));
  }

  /** Returns whether all elements are not 0. */
  public static HloInstruction all(HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    return finish(b, fold(b, BinaryKind.AND, Elementwise.truth(b, x), axes), x, axes, keepDim);
  }

  /** Returns whether an element is not 0. */
  public static HloInstruction any(HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    return finish(b, fold(b, BinaryKind.OR, Elementwise.truth(b, x), axes), x, axes, keepDim);
  }

  /** Returns log(Σ exp(x)), shifted by the maximum so that it does not overflow. */
  public static HloInstruction logSumExp(
      HloBuilder b, HloInstruction x, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction max = fold(b, BinaryKind.MAXIMUM, f, axes);
    // exp(inf - inf) is NaN; PyTorch does not shift by an infinite maximum either.
    HloInstruction finite = b.add(new HloOp.IsFinite(), max);
    HloInstruction shift = select(b, finite, max, Primitives.zeros(b, max));
    HloInstruction powers = Primitives.exp(b, sub(b, f, restore(b, shift, dims(f), axes)));
    HloInstruction logs = Primitives.log(b, fold(b, BinaryKind.ADD, powers, axes));
    HloInstruction result = Primitives.add(b, logs, shift);
    HloInstruction annotated =
        withGradient(
            result,
            f,
            (g, in, out, gradient) -> {
              HloInstruction level = restore(g, out, dims(in), axes);
              HloInstruction softmax = Primitives.exp(g, sub(g, in, level));
              return mul(g, softmax, restore(g, gradient, dims(in), axes));
            });
    return finish(b, convert(b, annotated, type(source)), x, axes, keepDim);
  }

  /**
   * Returns the p-norm; the gradient of the 2-norm at 0 is 0, as in PyTorch.
   *
   * @param p the order: 2 is Euclid's, infinity the greatest magnitude, 0 counts what is not 0
   */
  public static HloInstruction norm(
      HloBuilder b, HloInstruction x, double p, boolean keepDim, int... dims) {
    Dims axes = axes(b, x, dims);
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction norm = normOf(b, f, p, axes);
    return finish(b, convert(b, norm, type(source)), x, axes, keepDim);
  }

  private static HloInstruction normOf(HloBuilder b, HloInstruction f, double p, Dims axes) {
    if (p == 2) {
      return euclid(b, f, axes);
    }
    if (p == 0) {
      HloInstruction nonzero = compare(b, ComparisonDirection.NE, f, 0);
      return fold(b, BinaryKind.ADD, convert(b, nonzero, type(f)), axes);
    }
    HloInstruction magnitudes = unary(b, UnaryKind.ABS, f);
    if (p == 1) {
      return fold(b, BinaryKind.ADD, magnitudes, axes);
    }
    if (Double.isInfinite(p)) {
      refuseEmpty(b, "norm", f, axes);
      return fold(b, p > 0 ? BinaryKind.MAXIMUM : BinaryKind.MINIMUM, magnitudes, axes);
    }
    HloInstruction powers = Elementwise.pow(b, magnitudes, p);
    HloInstruction sum = fold(b, BinaryKind.ADD, powers, axes);
    return withGradient(
        Primitives.binary(b, BinaryKind.POWER, sum, 1 / p),
        f,
        (g, in, out, gradient) -> ofPower(g, p, axes, in, out, gradient));
  }

  /** The gradient of the p-norm, {@code sign(x) (|x| / norm)^(p - 1)}; 0 where the norm is. */
  private static HloInstruction ofPower(
      HloBuilder b, double p, Dims axes, HloInstruction x, HloInstruction norm, HloInstruction g) {
    HloInstruction level = restore(b, norm, dims(x), axes);
    HloInstruction ratio = Primitives.div(b, unary(b, UnaryKind.ABS, x), level);
    HloInstruction slope = Primitives.binary(b, BinaryKind.POWER, ratio, p - 1);
    HloInstruction signed = mul(b, unary(b, UnaryKind.SIGN, x), slope);
    HloInstruction zero = Primitives.zeros(b, x);
    HloInstruction none = compare(b, ComparisonDirection.EQ, p < 1 ? x : level, zero);
    return select(b, none, zero, mul(b, signed, restore(b, g, dims(x), axes)));
  }

  /** Returns how many elements are not 0, {@code s32}. */
  public static HloInstruction countNonzero(HloBuilder b, HloInstruction x, int... dims) {
    return sum(b, Elementwise.truth(b, x), false, dims);
  }

  /** Returns the lower median of all elements, NaN if there is one. */
  public static HloInstruction median(HloBuilder b, HloInstruction x) {
    HloInstruction flat = Shapes.flatten(b, x, 0, -1);
    HloInstruction median = Ordering.median(b, Primitives.stopGradient(b, flat), 0).values();
    if (!type(x).isFloating()) {
      return median;
    }
    return withGradient(
        unary(b, UnaryKind.COPY, median),
        flat,
        (g, in, out, gradient) -> {
          HloInstruction hits = compare(g, ComparisonDirection.EQ, in, restoreAll(g, out, in));
          HloInstruction counted = convert(g, hits, type(in));
          HloInstruction count = fold(g, BinaryKind.ADD, counted, Dims.of(0));
          return mul(g, counted, restoreAll(g, Primitives.div(g, gradient, count), in));
        });
  }

  private static HloInstruction restoreAll(
      HloBuilder b, HloInstruction scalar, HloInstruction like) {
    return Primitives.spread(b, scalar, dims(like));
  }

  private static HloInstruction euclid(HloBuilder b, HloInstruction f, Dims axes) {
    HloInstruction norm = unary(b, UnaryKind.SQRT, fold(b, BinaryKind.ADD, mul(b, f, f), axes));
    return withGradient(
        norm,
        f,
        (g, in, out, gradient) -> {
          HloInstruction zero = Primitives.zeros(g, out);
          HloInstruction isZero = compare(g, ComparisonDirection.EQ, out, zero);
          HloInstruction factor = select(g, isZero, zero, Primitives.div(g, gradient, out));
          return mul(g, in, restore(g, factor, dims(in), axes));
        });
  }

  /** Folds; the operand's type is the accumulator's. */
  static HloInstruction fold(HloBuilder b, BinaryKind kind, HloInstruction x, Dims axes) {
    return Reducers.reduce(b, kind, x, axes);
  }

  /** Returns the mean of a wide floating-point operand, without its reduced dimensions. */
  static HloInstruction meanOf(HloBuilder b, HloInstruction x, Dims axes) {
    return Primitives.div(b, fold(b, BinaryKind.ADD, x, axes), (double) count(x, axes));
  }

  /** Returns how many elements are folded into one. */
  static long count(HloInstruction x, Dims axes) {
    return Dims.of(axes.stream().map(dims(x)::get).toArray()).product();
  }

  static Dims axes(HloBuilder b, HloInstruction x, int... dims) {
    if (rank(x) == 0) {
      Shapes.axes(b, x, dims);
      return Dims.of();
    }
    return dims.length == 0 ? Dims.range(rank(x)) : Shapes.axes(b, x, dims);
  }

  private static HloInstruction finish(
      HloBuilder b, HloInstruction reduced, HloInstruction x, Dims axes, boolean keepDim) {
    if (!keepDim) {
      return reduced;
    }
    int[] sizes = dims(x).toArray();
    axes.stream().forEach(d -> sizes[d] = 1);
    return Primitives.reshape(b, reduced, Dims.of(sizes));
  }

  private static HloInstruction accumulator(HloBuilder b, HloInstruction x) {
    return convert(b, x, Primitives.wide(summedType(type(x))));
  }

  static DType summedType(DType type) {
    return type.isFloating() || type.bitWidth() >= 32 ? type : DType.S32;
  }

  private static void refuseEmpty(HloBuilder b, String op, HloInstruction x, Dims axes) {
    if (count(x, axes) == 0) {
      throw refuse(
          b, op + " of " + x.shape() + " along [" + axes + "]: there is no element to choose");
    }
  }
}
