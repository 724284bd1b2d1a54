package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.reshape;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.zeros;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/**
 * Attention of several heads over projected queries, keys and values, as {@code
 * torch.nn.functional.multi_head_attention_forward}.
 */
public final class MultiheadProjections {
  private MultiheadProjections() {}

  /**
   * What is multiplied; [batch, length, width], or [length, batch, width] where the batch is not
   * first, or [length, width].
   *
   * @param weight [3 width, width]: the projections of queries, keys and values below each other
   * @param bias [3 width], none if null
   * @param outWeight [width, width]
   * @param outBias [width], none if null
   * @param mask [queries, keys] or [batch · heads, queries, keys]; pred, true where a query may not
   *     look, or added; none if null
   * @param padding [batch, keys]; pred, true where a key does not count, or added; none if null
   */
  public record Inputs(
      HloInstruction query,
      HloInstruction key,
      HloInstruction value,
      HloInstruction weight,
      @Nullable HloInstruction bias,
      HloInstruction outWeight,
      @Nullable HloInstruction outBias,
      @Nullable HloInstruction mask,
      @Nullable HloInstruction padding) {}

  /** Drops some attention weights out. */
  public interface Dropout {
    /** Returns weights of which some are 0. */
    HloInstruction apply(HloInstruction weights);
  }

  /** The attended values, and the weights [batch, heads, queries, keys]. */
  public record Attended(HloInstruction output, HloInstruction weights) {}

  /** Returns the attended values in the layout of the query. */
  public static Attended attend(
      HloBuilder b, Inputs in, int heads, boolean batchFirst, boolean causal, Dropout dropout) {
    int width = dims(in.weight()).get(1);
    requireInputs(b, in, width);
    boolean single = rank(in.query()) == 2;
    HloInstruction query = batched(b, in.query(), batchFirst);
    HloInstruction key = in.key() == in.query() ? query : batched(b, in.key(), batchFirst);
    HloInstruction value = in.value() == in.key() ? key : batched(b, in.value(), batchFirst);
    HloInstruction[] projected = project(b, in, query, key, value, width);
    int batch = dims(query).get(0);
    int queries = dims(query).get(1);
    int keys = dims(key).get(1);
    HloInstruction q = split(b, projected[0], heads);
    HloInstruction k = split(b, projected[1], heads);
    HloInstruction v = split(b, projected[2], heads);
    Dims scores = Dims.of(batch, heads, queries, keys);
    HloInstruction mask = mask(b, in, scores, causal, type(q));
    HloInstruction weights = dropout.apply(Attention.weights(b, q, k, mask, null));
    HloInstruction attended = MatrixProducts.matmul(b, weights, v);
    HloInstruction merged =
        Shapes.reshape(b, Shapes.transpose(b, attended, 1, 2), batch, queries, width);
    HloInstruction y = MatrixProducts.linear(b, merged, in.outWeight(), in.outBias());
    if (single) {
      y = reshape(b, y, Dims.of(queries, width));
    } else if (!batchFirst) {
      y = Shapes.transpose(b, y, 0, 1);
    }
    return new Attended(y, weights);
  }

  private static void requireInputs(HloBuilder b, Inputs in, int width) {
    HloInstruction q = in.query();
    int rank = rank(q);
    boolean fits =
        (rank == 2 || rank == 3)
            && rank(in.key()) == rank
            && dims(in.key()).equals(dims(in.value()))
            && dims(q).get(rank - 1) == width
            && dims(in.key()).get(rank - 1) == width;
    if (!fits) {
      throw refuse(
          b,
          "multiheadAttention of width "
              + width
              + ": expected query, key and value [batch,length,"
              + width
              + "], keys and values of one length, got "
              + q.shape()
              + ", "
              + in.key().shape()
              + " and "
              + in.value().shape());
    }
  }

  private static HloInstruction batched(HloBuilder b, HloInstruction x, boolean batchFirst) {
    if (rank(x) == 2) {
      return reshape(b, x, Shapes.inserted(dims(x), 0, 1));
    }
    return batchFirst ? x : Shapes.transpose(b, x, 0, 1);
  }

  /** One product where inputs are the same, else one for each. */
  private static HloInstruction[] project(
      HloBuilder b,
      Inputs in,
      HloInstruction query,
      HloInstruction key,
      HloInstruction value,
      int width) {
    if (query == key && key == value) {
      HloInstruction all = MatrixProducts.linear(b, query, in.weight(), in.bias());
      return new HloInstruction[] {
        Shapes.range(b, all, 2, 0, width, 1),
        Shapes.range(b, all, 2, width, 2 * width, 1),
        Shapes.range(b, all, 2, 2 * width, 3 * width, 1)
      };
    }
    HloInstruction q = part(b, in, query, 0, width);
    if (key == value) {
      HloInstruction both = part(b, in, key, width, 3 * width);
      return new HloInstruction[] {
        q, Shapes.range(b, both, 2, 0, width, 1), Shapes.range(b, both, 2, width, 2 * width, 1)
      };
    }
    return new HloInstruction[] {
      q, part(b, in, key, width, 2 * width), part(b, in, value, 2 * width, 3 * width)
    };
  }

  private static HloInstruction part(HloBuilder b, Inputs in, HloInstruction x, int from, int to) {
    HloInstruction bias = in.bias();
    return MatrixProducts.linear(
        b,
        x,
        Shapes.range(b, in.weight(), 0, from, to, 1),
        bias == null ? null : Shapes.range(b, bias, 0, from, to, 1));
  }

  /** [batch, length, width] becomes [batch, heads, length, width / heads]. */
  private static HloInstruction split(HloBuilder b, HloInstruction x, int heads) {
    Dims d = dims(x);
    HloInstruction apart = Shapes.reshape(b, x, d.get(0), d.get(1), heads, d.get(2) / heads);
    return Shapes.transpose(b, apart, 1, 2);
  }

  /** Returns pred, true where a query may look, or numbers to add; null for no mask. */
  private static @Nullable HloInstruction mask(
      HloBuilder b, Inputs in, Dims scores, boolean causal, DType type) {
    HloInstruction mask = in.mask() == null ? null : shaped(b, in.mask(), scores);
    HloInstruction padding = in.padding() == null ? null : padded(b, in.padding(), scores);
    HloInstruction visible = null;
    HloInstruction added = null;
    if (causal) {
      visible = Attention.causalMask(b, scores.get(2), scores.get(3));
    }
    for (HloInstruction one : new @Nullable HloInstruction[] {mask, padding}) {
      if (one == null) {
        continue;
      }
      if (type(one) == DType.PRED) {
        HloInstruction shown = Elementwise.logicalNot(b, one);
        visible = visible == null ? shown : Elementwise.logical(b, BinaryKind.AND, visible, shown);
      } else {
        HloInstruction number = convert(b, one, type);
        added = added == null ? number : Elementwise.add(b, added, number);
      }
    }
    if (added == null || visible == null) {
      return added == null ? visible : added;
    }
    HloInstruction hidden = filled(b, type, dims(visible), Double.NEGATIVE_INFINITY);
    return Elementwise.add(b, added, select(b, visible, zeros(b, hidden), hidden));
  }

  private static HloInstruction shaped(HloBuilder b, HloInstruction mask, Dims scores) {
    Dims flat = Dims.of(scores.get(0) * scores.get(1), scores.get(2), scores.get(3));
    if (dims(mask).equals(flat)) {
      return reshape(b, mask, scores);
    }
    if (!dims(mask).equals(Dims.of(scores.get(2), scores.get(3)))) {
      throw refuse(
          b,
          "multiheadAttention: expected a mask ["
              + scores.get(2)
              + ","
              + scores.get(3)
              + "] or ["
              + flat
              + "], got "
              + mask.shape());
    }
    return mask;
  }

  private static HloInstruction padded(HloBuilder b, HloInstruction padding, Dims scores) {
    Dims wanted = Dims.of(scores.get(0), scores.get(3));
    boolean single = scores.get(0) == 1 && dims(padding).equals(Dims.of(scores.get(3)));
    if (!single && !dims(padding).equals(wanted)) {
      throw refuse(
          b,
          "multiheadAttention: expected a key padding mask ["
              + wanted
              + "], got "
              + padding.shape());
    }
    return reshape(b, padding, Dims.of(scores.get(0), 1, 1, scores.get(3)));
  }
}
