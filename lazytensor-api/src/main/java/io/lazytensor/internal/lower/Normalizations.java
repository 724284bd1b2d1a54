package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
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
    HloInstruction scale = affine(b, "layerNorm", "weight", weight, x, normalized);
    HloInstruction shift = affine(b, "layerNorm", "bias", bias, x, normalized);
    return convert(
        b, Standardization.of(b, f, axes).affine(b, scale, shift, leading, eps), type(x));
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

  /** Returns the weight or bias in the computation's type. */
  static @Nullable HloInstruction affine(
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
