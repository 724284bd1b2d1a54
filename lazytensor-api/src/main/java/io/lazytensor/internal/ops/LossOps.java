package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.ClassLosses;
import io.lazytensor.internal.lower.ContrastiveLosses;
import io.lazytensor.internal.lower.CrossEntropy;
import io.lazytensor.internal.lower.LikelihoodLosses;
import io.lazytensor.internal.lower.Losses;
import io.lazytensor.internal.lower.MarginLosses;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** The calls behind losses. Their attribute has all options; optional operands come last. */
public final class LossOps {
  private LossOps() {}

  /**
   * The options of a loss of classes.
   *
   * @param reduction what becomes of the losses
   * @param ignoreIndex the class that does not count
   * @param labelSmoothing the share of the target spread over all classes
   * @param weighted whether there are weights of classes
   */
  public record Classes(
      Reduction reduction, int ignoreIndex, double labelSmoothing, boolean weighted) {}

  /**
   * The options of a loss with margin.
   *
   * @param reduction what becomes of the losses
   * @param margin the margin
   * @param p the order of a norm or power
   * @param eps added to differences
   * @param flag whether to swap, or whether there are weights
   */
  public record Margin(Reduction reduction, double margin, double p, double eps, boolean flag) {
    /** Returns the options of a loss with a margin alone. */
    public static Margin of(Reduction reduction, double margin) {
      return new Margin(reduction, margin, 0, 0, false);
    }
  }

  /**
   * The options of a binary cross-entropy.
   *
   * @param reduction what becomes of the losses
   * @param weighted whether there is a weight of each loss
   * @param positiveWeighted whether there is a weight of positive targets
   */
  public record Binary(Reduction reduction, boolean weighted, boolean positiveWeighted) {}

  /**
   * The options of a divergence or likelihood.
   *
   * @param reduction what becomes of the losses
   * @param logarithm whether something is given as logarithm
   * @param flag whether the constant term counts, or the loss is per sample
   * @param eps added to what is divided by
   */
  public record Likelihood(Reduction reduction, boolean logarithm, boolean flag, double eps) {}

  /**
   * The options of a loss of pairs within a batch.
   *
   * @param reduction what becomes of the losses
   * @param scale factor of the scores
   * @param cosine whether scores are cosines
   * @param symmetric whether both directions count
   * @param masked whether there is a mask
   */
  public record Contrast(
      Reduction reduction, double scale, boolean cosine, boolean symmetric, boolean masked) {}

  private interface Reduced {
    HloInstruction lower(
        HloBuilder builder, HloInstruction prediction, HloInstruction target, Reduction reduction);
  }

  private interface Lowering<O> {
    HloInstruction lower(HloBuilder builder, Operands in, O options);
  }

  private static CallKind reduced(String name, Reduced lowering) {
    return CallKind.of(
        name, (b, c) -> lowering.lower(b, c.a(), c.b(), Reduction.values()[(int) c.literal()]));
  }

  private static <O> CallKind many(String name, Class<O> options, Lowering<O> lowering) {
    return CallKind.many(
        name,
        (b, c) -> new HloInstruction[] {lowering.lower(b, new Operands(c), c.attribute(options))});
  }

  public static final CallKind MSE = reduced("mse", Losses::mse);
  public static final CallKind L1 = reduced("l1", Losses::l1);
  public static final CallKind SOFT_MARGIN = reduced("softMargin", MarginLosses::softMargin);
  public static final CallKind SMOOTH_L1 =
      CallKind.of(
          "smoothL1",
          (b, c) -> Losses.smoothL1(b, c.a(), c.b(), margin(c).reduction(), margin(c).margin()));
  public static final CallKind HUBER =
      CallKind.of(
          "huber",
          (b, c) -> Losses.huber(b, c.a(), c.b(), margin(c).reduction(), margin(c).margin()));

  public static final CallKind CROSS_ENTROPY =
      many("crossEntropy", Classes.class, LossOps::entropy);
  public static final CallKind NLL = many("nll", Classes.class, LossOps::nll);
  public static final CallKind BCE =
      many(
          "bce",
          Binary.class,
          (b, in, o) ->
              Losses.bce(b, in.next(), in.next(), o.reduction(), in.nextIf(o.weighted())));
  public static final CallKind BCE_WITH_LOGITS =
      many("bceWithLogits", Binary.class, LossOps::withLogits);
  public static final CallKind KL_DIV =
      many(
          "klDiv",
          Likelihood.class,
          (b, in, o) ->
              Losses.klDiv(b, in.next(), in.next(), o.reduction(), o.logarithm(), o.flag()));
  public static final CallKind POISSON_NLL =
      many(
          "poissonNll",
          Likelihood.class,
          (b, in, o) ->
              LikelihoodLosses.poisson(
                  b, in.next(), in.next(), o.logarithm(), o.flag(), o.eps(), o.reduction()));
  public static final CallKind GAUSSIAN_NLL =
      many(
          "gaussianNll",
          Likelihood.class,
          (b, in, o) ->
              LikelihoodLosses.gaussian(
                  b, in.next(), in.next(), in.next(), o.flag(), o.eps(), o.reduction()));

  public static final CallKind COSINE_EMBEDDING =
      many(
          "cosineEmbedding",
          Margin.class,
          (b, in, o) ->
              MarginLosses.cosineEmbedding(
                  b, in.next(), in.next(), in.next(), o.margin(), o.reduction()));
  public static final CallKind TRIPLET =
      many(
          "tripletMargin",
          Margin.class,
          (b, in, o) ->
              MarginLosses.triplet(
                  b,
                  in.next(),
                  in.next(),
                  in.next(),
                  o.margin(),
                  o.p(),
                  o.eps(),
                  o.flag(),
                  o.reduction()));
  public static final CallKind MARGIN_RANKING =
      many(
          "marginRanking",
          Margin.class,
          (b, in, o) ->
              MarginLosses.ranking(b, in.next(), in.next(), in.next(), o.margin(), o.reduction()));
  public static final CallKind HINGE_EMBEDDING =
      many(
          "hingeEmbedding",
          Margin.class,
          (b, in, o) ->
              MarginLosses.hingeEmbedding(b, in.next(), in.next(), o.margin(), o.reduction()));
  public static final CallKind MULTI_MARGIN =
      many(
          "multiMargin",
          Margin.class,
          (b, in, o) ->
              ClassLosses.multiMargin(
                  b,
                  in.next(),
                  in.next(),
                  in.nextIf(o.flag()),
                  (int) o.p(),
                  o.margin(),
                  o.reduction()));
  public static final CallKind MULTILABEL_SOFT_MARGIN =
      many(
          "multilabelSoftMargin",
          Margin.class,
          (b, in, o) ->
              ClassLosses.multilabelSoftMargin(
                  b, in.next(), in.next(), in.nextIf(o.flag()), o.reduction()));
  public static final CallKind CONTRAST =
      many(
          "infoNce",
          Contrast.class,
          (b, in, o) ->
              ContrastiveLosses.contrastive(
                  b,
                  in.next(),
                  in.next(),
                  in.nextIf(o.masked()),
                  o.scale(),
                  o.cosine(),
                  o.symmetric(),
                  o.reduction()));

  private static Margin margin(Call call) {
    return call.attribute(Margin.class);
  }

  private static HloInstruction entropy(HloBuilder b, Operands in, Classes o) {
    HloInstruction logits = in.next();
    HloInstruction target = in.next();
    HloInstruction weight = in.nextIf(o.weighted());
    if (weight == null) {
      return CrossEntropy.crossEntropy(
          b, logits, target, o.reduction(), o.ignoreIndex(), o.labelSmoothing());
    }
    return ClassLosses.crossEntropy(
        b, logits, target, weight, o.reduction(), o.ignoreIndex(), o.labelSmoothing());
  }

  private static HloInstruction nll(HloBuilder b, Operands in, Classes o) {
    HloInstruction logs = in.next();
    HloInstruction target = in.next();
    HloInstruction weight = in.nextIf(o.weighted());
    if (weight == null) {
      return CrossEntropy.nll(b, logs, target, o.reduction(), o.ignoreIndex());
    }
    return ClassLosses.nll(b, logs, target, weight, o.reduction(), o.ignoreIndex());
  }

  private static HloInstruction withLogits(HloBuilder b, Operands in, Binary o) {
    HloInstruction logits = in.next();
    HloInstruction target = in.next();
    @Nullable HloInstruction weight = in.nextIf(o.weighted());
    return Losses.bceWithLogits(
        b, logits, target, o.reduction(), in.nextIf(o.positiveWeighted()), weight);
  }
}
