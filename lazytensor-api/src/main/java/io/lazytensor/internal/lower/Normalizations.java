package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;
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

/** Normalizations, computed in {@code f32} for {@code f16} and {@code bf16}. */
public final class Normalizations {
  private Normalizations() {}

  /**
   * Returns {@code (x - mean) / sqrt(variance + eps) * weight + bias} over the last dimensions, as
   * {@code torch.nn.functional.layer_norm}; the variance is the population's.
   *
   * @param x [..., normalized…]
   * @param normalizedRank how many of the last dimensions are normalized together, at least 1
   * @param weight of the normalized dimensions, none if null
   * @param bias of the normalized dimensions, none if null
   * @param eps PyTorch's default is 1e-5
   * @return x's shape and type
   */
  public static HloInstruction layerNorm(
      HloBuilder b,
      HloInstruction x,
      int normalizedRank,
      @Nullable HloInstruction weight,
      @Nullable HloInstruction bias,
      double eps) {
    Dims own = dims(x);
    if (normalizedRank < 1 || normalizedRank > own.size() || !type(x).isFloating()) {
      throw refuse(b, "layerNorm over the last " + normalizedRank + " dimensions of " + x.shape());
    }
    int lead = own.size() - normalizedRank;
    Dims leading = Dims.range(lead);
    Dims axes = Primitives.complement(own.size(), leading);
    Dims normalized = Dims.of(own.stream().skip(lead).toArray());
    HloInstruction f = widen(b, x);
    List<HloInstruction> inputs = new ArrayList<>(List.of(f));
    HloInstruction scale = affine(b, "layerNorm", "weight", weight, x, normalized);
    HloInstruction shift = affine(b, "layerNorm", "bias", bias, x, normalized);
    if (scale != null) {
      inputs.add(scale);
    }
    if (shift != null) {
      inputs.add(shift);
    }

    HloInstruction centred = sub(b, f, restore(b, Reductions.meanOf(b, f, axes), own, axes));
    HloInstruction variance = Reductions.meanOf(b, mul(b, centred, centred), axes);
    HloInstruction rootInverse = unary(b, UnaryKind.RSQRT, add(b, variance, eps));
    HloInstruction spread = restore(b, rootInverse, own, axes);
    HloInstruction unit = mul(b, centred, spread);

    HloInstruction scaled = scale == null ? null : restore(b, scale, own, leading);
    HloInstruction y = scaled == null ? unit : mul(b, unit, scaled);
    y = shift == null ? y : add(b, y, restore(b, shift, own, leading));
    Gradient gradient = new Gradient(unit, spread, scaled, axes, leading, shift != null);
    return convert(b, withGradient(y, inputs, gradient), type(x));
  }

  /**
   * Returns {@code x / sqrt(mean(x²) + eps) * weight} over the last dimensions, as {@code
   * torch.nn.functional.rms_norm}.
   *
   * @param weight of the normalized dimensions, none if null
   */
  public static HloInstruction rmsNorm(
      HloBuilder b,
      HloInstruction x,
      int normalizedRank,
      @Nullable HloInstruction weight,
      double eps) {
    Dims own = dims(x);
    if (normalizedRank < 1 || normalizedRank > own.size() || !type(x).isFloating()) {
      throw refuse(b, "rmsNorm over the last " + normalizedRank + " dimensions of " + x.shape());
    }
    Dims leading = Dims.range(own.size() - normalizedRank);
    Dims axes = Primitives.complement(own.size(), leading);
    Dims normalized = Dims.of(own.stream().skip(leading.size()).toArray());
    HloInstruction f = widen(b, x);
    HloInstruction scale = affine(b, "rmsNorm", "weight", weight, x, normalized);
    HloInstruction power = Reductions.meanOf(b, mul(b, f, f), axes);
    HloInstruction rootInverse = unary(b, UnaryKind.RSQRT, add(b, power, eps));
    HloInstruction y = mul(b, f, restore(b, rootInverse, own, axes));
    y = scale == null ? y : mul(b, y, restore(b, scale, own, leading));
    return convert(b, y, type(x));
  }

  /**
   * Returns {@code x / max(norm(x), eps)} along a dimension, as {@code
   * torch.nn.functional.normalize}.
   *
   * @param p the order of the norm; PyTorch's default is 2
   * @param eps PyTorch's default is 1e-12
   */
  public static HloInstruction normalize(
      HloBuilder b, HloInstruction x, double p, int dim, double eps) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction norm = Reductions.norm(b, f, p, false, dim);
    HloInstruction divisor = Elementwise.clamp(b, norm, eps, null);
    HloInstruction spread = restore(b, divisor, dims(f), Reductions.axes(b, f, dim));
    return convert(b, Primitives.div(b, f, spread), type(source));
  }

  /**
   * Returns {@code x · y / (max(|x|, eps) max(|y|, eps))} along a dimension, as {@code
   * torch.nn.functional.cosine_similarity}.
   *
   * @param eps PyTorch's default is 1e-8
   */
  public static HloInstruction cosineSimilarity(
      HloBuilder b, HloInstruction x, HloInstruction y, int dim, double eps) {
    Broadcasting.Pair pair = Broadcasting.align(b, "cosineSimilarity", x, y);
    HloInstruction left = normalize(b, widen(b, pair.x()), 2, dim, eps);
    HloInstruction right = normalize(b, widen(b, pair.y()), 2, dim, eps);
    HloInstruction cosine = Reductions.sum(b, mul(b, left, right), false, dim);
    return type(pair.x()).isFloating() ? convert(b, cosine, type(pair.x())) : cosine;
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
      Dims leading,
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
        gradients.add(Reductions.fold(b, BinaryKind.ADD, mul(b, gradient, unit), leading));
      }
      if (shifted) {
        gradients.add(Reductions.fold(b, BinaryKind.ADD, gradient, leading));
      }
      return gradients;
    }
  }

  /** Returns the weight or bias in the computation's type. */
  private static @Nullable HloInstruction affine(
      HloBuilder b,
      String op,
      String role,
      @Nullable HloInstruction parameter,
      HloInstruction x,
      Dims normalized) {
    if (parameter == null) {
      return null;
    }
    if (!dims(parameter).equals(normalized)) {
      throw refuse(
          b,
          op
              + " of "
              + x.shape()
              + ": expected a "
              + role
              + " ["
              + normalized
              + "], got "
              + parameter.shape());
    }
    return convert(b, parameter, Primitives.wide(type(x)));
  }
}
