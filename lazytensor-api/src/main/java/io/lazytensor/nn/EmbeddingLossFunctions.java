package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.LossOps;
import io.lazytensor.internal.record.Calls;
import java.util.Optional;

/** Losses of things that are to be near each other or apart, part of {@link F}. */
abstract sealed class EmbeddingLossFunctions extends ActivationFunctions permits LossFunctions {
  EmbeddingLossFunctions() {}

  /**
   * Returns {@code 1 - cos} where the target is 1, {@code max(0, cos - margin)} where it is -1.
   *
   * @param x {@code [N, D]} or {@code [D]}
   * @param y as x
   * @param target {@code [N]} or {@code []}
   * @param margin PyTorch's default is 0
   */
  public static Tensor cosineEmbedding(
      Tensor x, Tensor y, Tensor target, double margin, Reduction reduction) {
    return OperandList.of(x, y, target)
        .record(LossOps.COSINE_EMBEDDING, LossOps.Margin.of(reduction, margin));
  }

  /** Returns the mean of {@code max(0, 1 + |anchor - positive| - |anchor - negative|)}. */
  public static Tensor tripletMargin(Tensor anchor, Tensor positive, Tensor negative) {
    return tripletMargin(anchor, positive, negative, TripletOptions.DEFAULT);
  }

  /**
   * Returns {@code max(0, margin + |anchor - positive| - |anchor - negative|)}; norms along the
   * last dimension.
   */
  public static Tensor tripletMargin(
      Tensor anchor, Tensor positive, Tensor negative, TripletOptions options) {
    return OperandList.of(anchor, positive, negative)
        .record(
            LossOps.TRIPLET,
            new LossOps.Margin(
                options.reduction(), options.margin(), options.p(), options.eps(), options.swap()));
  }

  /**
   * Returns {@code max(0, margin - target (x - y))}.
   *
   * @param target 1 where x is to be greater, -1 where y
   * @param margin PyTorch's default is 0
   */
  public static Tensor marginRanking(
      Tensor x, Tensor y, Tensor target, double margin, Reduction reduction) {
    return OperandList.of(x, y, target)
        .record(LossOps.MARGIN_RANKING, LossOps.Margin.of(reduction, margin));
  }

  /**
   * Returns x where the target is 1, {@code max(0, margin - x)} where it is -1.
   *
   * @param margin PyTorch's default is 1
   */
  public static Tensor hingeEmbedding(Tensor x, Tensor target, double margin, Reduction reduction) {
    return OperandList.of(x, target)
        .record(LossOps.HINGE_EMBEDDING, LossOps.Margin.of(reduction, margin));
  }

  /** Returns {@code log(1 + exp(-target x))}. */
  public static Tensor softMargin(Tensor x, Tensor target, Reduction reduction) {
    return Calls.call(LossOps.SOFT_MARGIN, x, target, reduction.ordinal(), null);
  }

  /**
   * Returns {@code Σ max(0, margin - x[target] + x[i])^p / C} over the other classes.
   *
   * @param scores {@code [N, C]} or {@code [C]}
   * @param target {@code s32[N]} or {@code s32[]}
   * @param p 1 or 2; PyTorch's default is 1
   * @param margin PyTorch's default is 1
   * @param weight {@code [C]}
   */
  public static Tensor multiMargin(
      Tensor scores,
      Tensor target,
      int p,
      double margin,
      Optional<? extends Tensor> weight,
      Reduction reduction) {
    return OperandList.of(scores, target)
        .with(weight)
        .record(
            LossOps.MULTI_MARGIN, new LossOps.Margin(reduction, margin, p, 0, weight.isPresent()));
  }

  /**
   * Returns the mean over classes of the binary cross-entropy of scores.
   *
   * @param target 0 or 1, of the scores' shape
   * @param weight {@code [C]}
   */
  public static Tensor multilabelSoftMargin(
      Tensor scores, Tensor target, Optional<? extends Tensor> weight, Reduction reduction) {
    return OperandList.of(scores, target)
        .with(weight)
        .record(
            LossOps.MULTILABEL_SOFT_MARGIN,
            new LossOps.Margin(reduction, 0, 0, 0, weight.isPresent()));
  }

  /**
   * Returns the loss of finding each query's key, the one of the same number, among all keys of the
   * batch: multiple-negatives ranking (Henderson et al., 2017) with cosines times 20.
   *
   * @param queries {@code [n, width]}
   * @param keys {@code [m, width]}, at least n; those behind n are further negatives
   */
  public static Tensor infoNce(Tensor queries, Tensor keys) {
    return infoNce(queries, keys, ContrastOptions.DEFAULT);
  }

  /**
   * Returns the loss of finding each query's key among all keys of the batch: InfoNCE (van den Oord
   * et al., 2018).
   */
  public static Tensor infoNce(Tensor queries, Tensor keys, ContrastOptions options) {
    return OperandList.of(queries, keys)
        .with(options.falseNegatives())
        .record(
            LossOps.CONTRAST,
            new LossOps.Contrast(
                options.reduction(),
                options.scale(),
                options.cosine(),
                options.symmetric(),
                options.falseNegatives().isPresent()));
  }
}
