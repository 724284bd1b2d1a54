package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.autograd.GradientRegion;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mean and variance of an array along dimensions, and the array normalized by them.
 *
 * @param f a wide floating-point array
 * @param axes the dimensions that are averaged over
 * @param mean without these dimensions
 * @param centred the array minus its mean
 * @param variance the population's, without these dimensions
 */
record Standardization(
    HloInstruction f,
    Dims axes,
    HloInstruction mean,
    HloInstruction centred,
    HloInstruction variance) {
  static Standardization of(HloBuilder b, HloInstruction f, Dims axes) {
    HloInstruction mean = Reductions.meanOf(b, f, axes);
    HloInstruction centred = sub(b, f, restore(b, mean, dims(f), axes));
    return new Standardization(
        f, axes, mean, centred, Reductions.meanOf(b, mul(b, centred, centred), axes));
  }

  /**
   * Returns {@code (f - mean) / sqrt(variance + eps) * scale + shift} with its gradient in one
   * piece.
   *
   * @param scale has all dimensions but {@code repeated}; none if null
   * @param shift has all dimensions but {@code repeated}; none if null
   * @param repeated the dimensions that scale and shift repeat along
   */
  HloInstruction affine(
      HloBuilder b,
      @Nullable HloInstruction scale,
      @Nullable HloInstruction shift,
      Dims repeated,
      double eps) {
    Dims own = dims(f);
    HloInstruction rootInverse = unary(b, UnaryKind.RSQRT, add(b, variance, eps));
    HloInstruction spread = restore(b, rootInverse, own, axes);
    HloInstruction unit = mul(b, centred, spread);
    List<HloInstruction> inputs = new ArrayList<>(List.of(f));
    HloInstruction y = unit;
    HloInstruction scaled = null;
    if (scale != null) {
      inputs.add(scale);
      scaled = restore(b, scale, own, repeated);
      y = mul(b, y, scaled);
    }
    if (shift != null) {
      inputs.add(shift);
      y = add(b, y, restore(b, shift, own, repeated));
    }
    return withGradient(
        y, inputs, new Gradient(unit, spread, scaled, axes, repeated, shift != null));
  }

  /**
   * The gradients of x, weight and bias: with u the normalized values and h = g · weight, dx = (h -
   * mean(h) - u mean(h u)) / σ.
   */
  private record Gradient(
      HloInstruction unit,
      HloInstruction spread,
      @Nullable HloInstruction scale,
      Dims axes,
      Dims repeated,
      boolean shifted)
      implements GradientRegion.Rule {
    @Override
    public List<@Nullable HloInstruction> apply(
        HloBuilder b, List<HloInstruction> inputs, HloInstruction out, HloInstruction gradient) {
      Dims own = dims(unit);
      HloInstruction h = scale == null ? gradient : mul(b, gradient, scale);
      HloInstruction mean = restore(b, Reductions.meanOf(b, h, axes), own, axes);
      HloInstruction along = Reductions.meanOf(b, mul(b, h, unit), axes);
      HloInstruction tangent = mul(b, unit, restore(b, along, own, axes));
      List<@Nullable HloInstruction> gradients = new ArrayList<>();
      gradients.add(mul(b, sub(b, sub(b, h, mean), tangent), spread));
      if (scale != null) {
        gradients.add(Reductions.fold(b, BinaryKind.ADD, mul(b, gradient, unit), repeated));
      }
      if (shifted) {
        gradients.add(Reductions.fold(b, BinaryKind.ADD, gradient, repeated));
      }
      return gradients;
    }
  }
}
