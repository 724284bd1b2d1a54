package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.exp;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.rsub;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.zeros;

import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * Losses that keep similar things together and others apart by a margin, computed in {@code f32}
 * for 16-bit floats. Formulas: PyTorch, {@code aten/src/ATen/native/Loss.cpp}.
 */
public final class MarginLosses {
  private static final double COSINE_EPSILON = 1e-12;

  private MarginLosses() {}

  /**
   * Returns {@code 1 - cos} where the target is 1, {@code max(0, cos - margin)} where it is -1.
   *
   * @param x [N, D] or [D]
   * @param y as x
   * @param target [N] or []
   */
  public static HloInstruction cosineEmbedding(
      HloBuilder b,
      HloInstruction x,
      HloInstruction y,
      HloInstruction target,
      double margin,
      Reduction reduction) {
    boolean fits = (rank(x) == 1 || rank(x) == 2) && dims(x).equals(dims(y));
    if (!fits || !dims(target).equals(Shapes.removed(dims(x), rank(x) - 1))) {
      throw refuse(
          b,
          "cosineEmbedding: expected two [N,D] and a target [N], got "
              + x.shape()
              + ", "
              + y.shape()
              + " and "
              + target.shape());
    }
    HloInstruction left = widen(b, Promotion.floating(b, x));
    HloInstruction right = convert(b, y, type(left));
    Dims last = Dims.of(rank(x) - 1);
    HloInstruction product = Reductions.fold(b, BinaryKind.ADD, mul(b, left, right), last);
    HloInstruction root =
        unary(b, UnaryKind.SQRT, mul(b, power(b, left, last), power(b, right, last)));
    HloInstruction cosine = div(b, product, root);
    HloInstruction zero = zeros(b, cosine);
    HloInstruction apart = positive(b, add(b, cosine, -margin));
    HloInstruction together = compare(b, ComparisonDirection.EQ, target, 1);
    HloInstruction different = compare(b, ComparisonDirection.EQ, target, -1);
    HloInstruction rows =
        select(b, together, rsub(b, 1, cosine), select(b, different, apart, zero));
    return finish(b, rows, reduction, x);
  }

  private static HloInstruction power(HloBuilder b, HloInstruction x, Dims last) {
    return add(b, Reductions.fold(b, BinaryKind.ADD, mul(b, x, x), last), COSINE_EPSILON);
  }

  /**
   * Returns {@code max(0, margin + |anchor - positive| - |anchor - negative|)}.
   *
   * @param p the order of the norm
   * @param eps added to the differences
   * @param swap whether the negative's distance to the positive counts if it is smaller
   */
  public static HloInstruction triplet(
      HloBuilder b,
      HloInstruction anchor,
      HloInstruction positive,
      HloInstruction negative,
      double margin,
      double p,
      double eps,
      boolean swap,
      Reduction reduction) {
    if (rank(anchor) == 0
        || !dims(anchor).equals(dims(positive))
        || !dims(anchor).equals(dims(negative))) {
      throw refuse(
          b,
          "tripletMargin: expected three of one shape […,D], got "
              + anchor.shape()
              + ", "
              + positive.shape()
              + " and "
              + negative.shape());
    }
    HloInstruction a = widen(b, Promotion.floating(b, anchor));
    HloInstruction near = convert(b, positive, type(a));
    HloInstruction far = convert(b, negative, type(a));
    HloInstruction close = distance(b, a, near, p, eps);
    HloInstruction wide = distance(b, a, far, p, eps);
    if (swap) {
      wide = Elementwise.minimum(b, wide, distance(b, near, far, p, eps));
    }
    HloInstruction rows = positive(b, add(b, sub(b, close, wide), margin));
    return finish(b, rows, reduction, anchor);
  }

  private static HloInstruction distance(
      HloBuilder b, HloInstruction x, HloInstruction y, double p, double eps) {
    return Reductions.norm(b, add(b, sub(b, x, y), eps), p, false, -1);
  }

  /** Returns {@code max(0, margin - target (x - y))}. */
  public static HloInstruction ranking(
      HloBuilder b,
      HloInstruction x,
      HloInstruction y,
      HloInstruction target,
      double margin,
      Reduction reduction) {
    if (!dims(x).equals(dims(y)) || !dims(x).equals(dims(target))) {
      throw refuse(
          b,
          "marginRanking: expected three of one shape, got "
              + x.shape()
              + ", "
              + y.shape()
              + " and "
              + target.shape());
    }
    HloInstruction left = widen(b, Promotion.floating(b, x));
    HloInstruction difference = sub(b, left, convert(b, y, type(left)));
    HloInstruction agreed = mul(b, convert(b, negate(b, target), type(left)), difference);
    return finish(b, positive(b, add(b, agreed, margin)), reduction, x);
  }

  /** Returns x where the target is 1, {@code max(0, margin - x)} where it is -1. */
  public static HloInstruction hingeEmbedding(
      HloBuilder b, HloInstruction x, HloInstruction target, double margin, Reduction reduction) {
    HloInstruction f = same(b, "hingeEmbedding", x, target);
    HloInstruction zero = zeros(b, f);
    HloInstruction hinge = positive(b, rsub(b, margin, f));
    HloInstruction apart = compare(b, ComparisonDirection.NE, target, 1);
    HloInstruction together = compare(b, ComparisonDirection.NE, target, -1);
    HloInstruction rows = add(b, select(b, apart, hinge, zero), select(b, together, f, zero));
    return finish(b, rows, reduction, x);
  }

  /** Returns {@code log(1 + exp(-target x))}. */
  public static HloInstruction softMargin(
      HloBuilder b, HloInstruction x, HloInstruction target, Reduction reduction) {
    HloInstruction f = same(b, "softMargin", x, target);
    HloInstruction agreed = mul(b, convert(b, negate(b, target), type(f)), f);
    HloInstruction rows = unary(b, UnaryKind.LOG_PLUS_ONE, exp(b, agreed));
    return finish(b, rows, reduction, x);
  }

  /** Returns max(0, x); the gradient at 0 is 0. */
  private static HloInstruction positive(HloBuilder b, HloInstruction x) {
    return Elementwise.clamp(b, x, 0, null);
  }

  private static HloInstruction same(
      HloBuilder b, String op, HloInstruction x, HloInstruction target) {
    if (!dims(x).equals(dims(target))) {
      throw refuse(
          b,
          op
              + ": prediction "
              + x.shape()
              + " and target "
              + target.shape()
              + " must have the same dimensions");
    }
    return widen(b, Promotion.floating(b, x));
  }

  private static HloInstruction finish(
      HloBuilder b, HloInstruction rows, Reduction reduction, HloInstruction x) {
    HloInstruction reduced = Losses.reduce(b, rows, reduction);
    return type(x).isFloating() ? convert(b, reduced, type(x)) : reduced;
  }
}
