package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** Losses of pairs against all other pairs of a batch. */
public final class ContrastiveLosses {
  private ContrastiveLosses() {}

  /**
   * Returns the cross-entropy of finding each query's own key, the one of the same number, among
   * all keys: InfoNCE (van den Oord et al., 2018), multiple-negatives ranking (Henderson et al.,
   * 2017).
   *
   * @param queries [n, width]
   * @param keys [m, width], at least n; those behind n are further negatives
   * @param hidden pred[n, m], true for a pair that is no negative; none if null
   * @param scale factor of the scores, 1 / temperature
   * @param cosine whether scores are cosines instead of dot products
   * @param symmetric whether each key's query is to be found too; the mean of both losses
   */
  public static HloInstruction contrastive(
      HloBuilder b,
      HloInstruction queries,
      HloInstruction keys,
      @Nullable HloInstruction hidden,
      double scale,
      boolean cosine,
      boolean symmetric,
      Reduction reduction) {
    if (rank(queries) != 2
        || rank(keys) != 2
        || dims(queries).get(1) != dims(keys).get(1)
        || dims(keys).get(0) < dims(queries).get(0)
        || (symmetric && dims(keys).get(0) != dims(queries).get(0))) {
      throw refuse(
          b,
          b.metadata().opName()
              + ": expected queries [n,width] and at least n keys [m,width]"
              + (symmetric ? ", n keys if symmetric" : "")
              + ", got "
              + queries.shape()
              + " and "
              + keys.shape());
    }
    HloInstruction q = cosine ? Normalizations.normalize(b, queries, 2, 1, 1e-12) : queries;
    HloInstruction k = cosine ? Normalizations.normalize(b, keys, 2, 1, 1e-12) : keys;
    HloInstruction products = MatrixProducts.matmul(b, q, Shapes.transpose(b, k, 0, 1));
    HloInstruction scores = mul(b, Primitives.widen(b, products), scale);
    int n = dims(queries).get(0);
    HloInstruction own = Primitives.iota(b, DType.S32, Dims.of(n), 0);
    if (hidden != null) {
      scores = hide(b, scores, hidden, own);
    }
    HloInstruction forward = CrossEntropy.crossEntropy(b, scores, own, reduction, -100, 0);
    if (!symmetric) {
      return forward;
    }
    HloInstruction turned = Shapes.transpose(b, scores, 0, 1);
    HloInstruction backward = CrossEntropy.crossEntropy(b, turned, own, reduction, -100, 0);
    return mul(b, add(b, forward, backward), 0.5);
  }

  /** Leaves pairs out that only look like negatives; a query's own key stays. */
  private static HloInstruction hide(
      HloBuilder b, HloInstruction scores, HloInstruction hidden, HloInstruction own) {
    if (type(hidden) != DType.PRED || !dims(hidden).equals(dims(scores))) {
      throw refuse(
          b,
          b.metadata().opName()
              + ": expected a mask pred["
              + dims(scores)
              + "], got "
              + hidden.shape());
    }
    HloInstruction isOwn = CrossEntropy.oneHot(b, scores, own);
    HloInstruction out = binary(b, BinaryKind.AND, hidden, Elementwise.logicalNot(b, isOwn));
    HloInstruction never = filled(b, type(scores), dims(scores), Double.NEGATIVE_INFINITY);
    return select(b, out, never, scores);
  }
}
