package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.BatchNormalization;
import io.lazytensor.internal.lower.EmbeddingBags;
import io.lazytensor.internal.lower.Interactions;
import io.lazytensor.internal.lower.Normalizations;
import io.lazytensor.internal.lower.RandomNumbers;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.nn.BagMode;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import org.jspecify.annotations.Nullable;

/** The calls behind layers: embeddings, normalizations, recurrence, interactions of features. */
public final class LayerOps {
  private LayerOps() {}

  /**
   * The options of a normalization.
   *
   * @param size how many dimensions, or how many groups of channels
   * @param weighted whether there is a weight
   * @param biased whether there is a bias
   * @param eps added to the variance
   */
  public record Norm(int size, boolean weighted, boolean biased, double eps) {}

  /**
   * The options of a normalization over the batch.
   *
   * @param weighted whether there is a weight
   * @param biased whether there is a bias
   * @param tracked whether there are running statistics
   * @param eps added to the variance
   * @param momentum the share of running statistics that is replaced; negative for the average
   */
  public record BatchNorm(
      boolean weighted, boolean biased, boolean tracked, double eps, double momentum) {}

  /**
   * The options of an embedding bag.
   *
   * @param mode how rows become one
   * @param weighted whether there are factors
   * @param paddingIndex the index that does not count; none if negative
   */
  public record Bag(BagMode mode, boolean weighted, int paddingIndex) {}

  private static HloInstruction[] one(HloInstruction result) {
    return new HloInstruction[] {result};
  }

  public static final CallKind LAYER_NORM =
      CallKind.many(
          "layerNorm",
          (b, c) -> {
            Norm o = c.attribute(Norm.class);
            Operands in = new Operands(c);
            return one(
                Normalizations.layerNorm(
                    b,
                    in.next(),
                    o.size(),
                    in.nextIf(o.weighted()),
                    in.nextIf(o.biased()),
                    o.eps()));
          });
  public static final CallKind RMS_NORM =
      CallKind.many(
          "rmsNorm",
          (b, c) -> {
            Norm o = c.attribute(Norm.class);
            Operands in = new Operands(c);
            return one(
                Normalizations.rmsNorm(b, in.next(), o.size(), in.nextIf(o.weighted()), o.eps()));
          });
  public static final CallKind GROUP_NORM = CallKind.many("groupNorm", LayerOps::groupNorm);
  public static final CallKind INSTANCE_NORM = CallKind.many("instanceNorm", LayerOps::groupNorm);

  /** Operands: x, then weight, bias, mean and variance where there are. */
  public static final CallKind BATCH_NORM_EVALUATED =
      CallKind.many("batchNorm", LayerOps::evaluated);

  /**
   * Operands: as before, with the number of batches behind. Results: y; with running statistics
   * also their new values and the new number.
   */
  public static final CallKind BATCH_NORM = CallKind.many("batchNorm", LayerOps::trained);

  public static final CallKind DROPOUT =
      CallKind.of(
          "dropout",
          (b, c) ->
              RandomNumbers.dropout(b, c.a(), Calls.randomNumber(c), c.b(), Calls.randomStream(c)));

  public static final CallKind STOCHASTIC_ROUND =
      CallKind.of(
          "stochasticRound",
          (b, c) -> RandomNumbers.stochasticRound(b, c.a(), c.b(), Calls.randomStream(c)));

  public static final CallKind EMBEDDING =
      CallKind.of(
          "embedding", (b, c) -> EmbeddingBags.embedding(b, c.a(), c.b(), (int) c.literal()));
  public static final CallKind EMBEDDING_BAG =
      CallKind.many(
          "embeddingBag",
          (b, c) -> {
            Bag o = c.attribute(Bag.class);
            Operands in = new Operands(c);
            return one(
                EmbeddingBags.bag(
                    b, in.next(), in.next(), in.nextIf(o.weighted()), o.mode(), o.paddingIndex()));
          });

  public static final CallKind BILINEAR =
      CallKind.many(
          "bilinear",
          (b, c) -> {
            Operands in = new Operands(c);
            return one(
                Interactions.bilinear(
                    b, in.next(), in.next(), in.next(), in.nextIf(c.operands().size() == 4)));
          });
  public static final CallKind PAIRWISE_DOT =
      CallKind.of("pairwiseDot", (b, c) -> Interactions.pairs(b, c.a(), c.literal() != 0));
  public static final CallKind CROSS =
      CallKind.of("cross", (b, c) -> Interactions.cross(b, c.a(), c.b(), c.c()));
  public static final CallKind FACTORIZATION =
      CallKind.of(
          "factorizationMachine", (b, c) -> Interactions.factorization(b, c.a(), c.literal() != 0));
  public static final CallKind DOT =
      CallKind.of("dotProduct", (b, c) -> Interactions.dot(b, c.a(), c.b()));
  public static final CallKind COMPARED =
      CallKind.of("comparison", (b, c) -> Interactions.compared(b, c.a(), c.b()));

  private static HloInstruction[] groupNorm(HloBuilder b, Call c) {
    Norm o = c.attribute(Norm.class);
    Operands in = new Operands(c);
    HloInstruction x = in.next();
    int groups = o.size() > 0 ? o.size() : x.arrayShape().rank() < 2 ? 1 : x.arrayShape().dim(1);
    return one(
        BatchNormalization.groups(
            b, x, groups, in.nextIf(o.weighted()), in.nextIf(o.biased()), o.eps()));
  }

  private static HloInstruction[] evaluated(HloBuilder b, Call c) {
    BatchNorm o = c.attribute(BatchNorm.class);
    Operands in = new Operands(c);
    HloInstruction x = in.next();
    @Nullable HloInstruction weight = in.nextIf(o.weighted());
    @Nullable HloInstruction bias = in.nextIf(o.biased());
    if (!o.tracked()) {
      return one(BatchNormalization.ofBatch(b, x, weight, bias, o.eps()));
    }
    return one(BatchNormalization.evaluate(b, x, weight, bias, in.next(), in.next(), o.eps()));
  }

  private static HloInstruction[] trained(HloBuilder b, Call c) {
    BatchNorm o = c.attribute(BatchNorm.class);
    Operands in = new Operands(c);
    HloInstruction x = in.next();
    @Nullable HloInstruction weight = in.nextIf(o.weighted());
    @Nullable HloInstruction bias = in.nextIf(o.biased());
    HloInstruction mean = in.next();
    HloInstruction variance = in.next();
    HloInstruction before = in.next();
    DType counter = before.arrayShape().dtype();
    HloInstruction batches =
        b.add(new HloOp.Binary(BinaryKind.ADD), before, b.constant(counter, 1));
    HloInstruction share =
        o.momentum() < 0
            ? BatchNormalization.cumulativeShare(b, batches)
            : b.constant(mean.arrayShape().dtype(), o.momentum());
    BatchNormalization.Trained result =
        BatchNormalization.train(b, x, weight, bias, mean, variance, share, o.eps());
    return new HloInstruction[] {result.y(), result.mean(), result.variance(), batches};
  }
}
