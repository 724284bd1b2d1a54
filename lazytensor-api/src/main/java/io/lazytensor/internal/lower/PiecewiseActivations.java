package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.withGradient;
import static io.lazytensor.internal.lower.Primitives.zeros;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * Activation functions made of straight pieces. Formulas, and gradients where pieces meet: PyTorch,
 * {@code aten/src/ATen/native/cpu/Activation.cpp}.
 */
public final class PiecewiseActivations {
  private PiecewiseActivations() {}

  /** Returns x within bounds; the gradient is 0 at a bound and beyond. */
  public static HloInstruction hardtanh(HloBuilder b, HloInstruction x, double min, double max) {
    return Elementwise.clamp(b, x, min, max);
  }

  /** Returns {@code min(max(x + 3, 0), 6) / 6}. */
  public static HloInstruction hardsigmoid(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction result = mul(b, Elementwise.clamp(b, add(b, f, 3), 0, 6), 1.0 / 6);
    return convert(b, result, type(source));
  }

  /** Returns {@code x min(max(x + 3, 0), 6) / 6}. */
  public static HloInstruction hardswish(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction gate = Primitives.clamp(b, 0, add(b, f, 3), 6);
    HloInstruction result =
        withGradient(
            mul(b, mul(b, f, gate), 1.0 / 6),
            f,
            (g, in, out, gradient) -> {
              HloInstruction slope = add(g, mul(g, in, 1.0 / 3), 0.5);
              HloInstruction inner = mul(g, gradient, slope);
              HloInstruction below = compare(g, ComparisonDirection.LE, in, -3);
              HloInstruction above = compare(g, ComparisonDirection.GE, in, 3);
              return select(g, below, zeros(g, in), select(g, above, gradient, inner));
            });
    return convert(b, result, type(source));
  }

  /** Returns x where its magnitude exceeds lambda, else 0. */
  public static HloInstruction hardshrink(HloBuilder b, HloInstruction x, double lambda) {
    HloInstruction f = Promotion.floating(b, x);
    HloInstruction near = compare(b, ComparisonDirection.LE, unary(b, UnaryKind.ABS, f), lambda);
    return select(b, near, zeros(b, f), f);
  }

  /** Returns x moved towards 0 by lambda, 0 where that would cross it. */
  public static HloInstruction softshrink(HloBuilder b, HloInstruction x, double lambda) {
    HloInstruction f = Promotion.floating(b, x);
    HloInstruction above = compare(b, ComparisonDirection.GT, f, lambda);
    HloInstruction below = compare(b, ComparisonDirection.LT, f, -lambda);
    // x * 0 keeps NaN, as PyTorch does.
    HloInstruction low = select(b, below, add(b, f, lambda), mul(b, f, 0));
    return select(b, above, add(b, f, -lambda), low);
  }

  /** Returns x where it exceeds a threshold, else a value. */
  public static HloInstruction threshold(
      HloBuilder b, HloInstruction x, double threshold, double value) {
    HloInstruction other = filled(b, type(x), dims(x), value);
    return select(b, compare(b, ComparisonDirection.LE, x, threshold), other, x);
  }

  /**
   * Returns x where positive, else x times a trained slope.
   *
   * @param weight [1], or one slope for each channel: dimension 1, or 0 of a vector
   */
  public static HloInstruction prelu(HloBuilder b, HloInstruction x, HloInstruction weight) {
    int channels = rank(x) < 2 ? 0 : 1;
    boolean single = weight.arrayShape().elementCount() == 1;
    if (rank(weight) > 1
        || (!single && (rank(x) == 0 || dims(weight).get(0) != dims(x).get(channels)))) {
      String count = rank(x) == 0 ? "1" : "1 or " + dims(x).get(channels);
      throw refuse(
          b, "prelu of " + x.shape() + ": expected " + count + " slopes, got " + weight.shape());
    }
    HloInstruction w = convert(b, weight, type(x));
    HloInstruction slopes =
        single
            ? Primitives.spread(b, Primitives.reshape(b, w, Dims.of()), dims(x))
            : Primitives.broadcast(b, w, dims(x), Dims.of(channels));
    HloInstruction positive = compare(b, ComparisonDirection.GT, x, 0);
    return select(b, positive, x, mul(b, x, slopes));
  }
}
