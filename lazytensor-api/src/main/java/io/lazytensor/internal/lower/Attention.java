package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.iota;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scaled dot-product attention, as {@code torch.nn.functional.scaled_dot_product_attention}. */
public final class Attention {
  private Attention() {}

  /**
   * Returns the attention weights: softmax(query keyᵀ · scale + mask).
   *
   * <p>The caller may drop some of them out and multiplies them with the values.
   *
   * @param query [..., queries, width]
   * @param key [..., keys, width]
   * @param mask broadcast to [..., queries, keys]: pred, true where a query may look (a query that
   *     may look nowhere gets zeros), or floating point, added; none if null
   * @param scale factor of the scores; 1/√width if null
   * @return [..., queries, keys]
   */
  public static HloInstruction weights(
      HloBuilder b,
      HloInstruction query,
      HloInstruction key,
      @Nullable HloInstruction mask,
      @Nullable Double scale) {
    if (rank(query) < 2 || rank(key) < 2) {
      throw refuse(
          b,
          "attention: expected [...,queries,width] and [...,keys,width], got "
              + query.shape()
              + " and "
              + key.shape());
    }
    int width = dims(query).get(rank(query) - 1);
    double factor = scale == null ? 1 / Math.sqrt(width) : scale;
    HloInstruction scaled = factor == 1 ? query : mul(b, query, factor);
    HloInstruction scores = MatrixProducts.matmul(b, scaled, Shapes.transpose(b, key, -1, -2));
    if (mask == null) {
      return Activations.softmax(b, scores, -1);
    }
    if (type(mask) != DType.PRED) {
      return Activations.softmax(b, Elementwise.add(b, scores, mask), -1);
    }
    if (!Broadcasting.common(b, "attention mask", List.of(scores, mask)).equals(dims(scores))) {
      throw refuse(
          b, "attention: the mask " + mask.shape() + " has more than the scores " + scores.shape());
    }
    HloInstruction visible = Broadcasting.expand(b, mask, dims(scores));
    // The lowest finite number instead of -inf: a row without a visible key must not become NaN.
    HloInstruction hidden = filled(b, type(scores), dims(scores), -lowestMagnitude(type(scores)));
    HloInstruction weights = Activations.softmax(b, select(b, visible, scores, hidden), -1);
    return select(b, visible, weights, Primitives.zeros(b, weights));
  }

  /**
   * Returns the attended values.
   *
   * @param value [..., keys, size]
   * @return [..., queries, size]
   */
  public static HloInstruction attend(
      HloBuilder b,
      HloInstruction query,
      HloInstruction key,
      HloInstruction value,
      @Nullable HloInstruction mask,
      @Nullable Double scale) {
    return MatrixProducts.matmul(b, weights(b, query, key, mask, scale), value);
  }

  /** Returns pred[queries, keys], true where the key's number is not greater than the query's. */
  public static HloInstruction causalMask(HloBuilder b, int queries, int keys) {
    Dims dims = Dims.of(queries, keys);
    return compare(
        b, ComparisonDirection.GE, iota(b, DType.S32, dims, 0), iota(b, DType.S32, dims, 1));
  }

  private static double lowestMagnitude(DType type) {
    return switch (type) {
      case F16 -> 65504;
      case BF16 -> 0x1.fep127;
      case F32 -> Float.MAX_VALUE;
      case F64 -> Double.MAX_VALUE;
      case PRED,
          S8,
          S16,
          S32,
          S64,
          U8,
          U16,
          U32,
          U64,
          C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw new IllegalArgumentException("scores are floating point, got " + type);
    };
  }
}
