package io.lazytensor.examples.goldens;

import static io.lazytensor.nn.F.*;

import io.lazytensor.Tensor;
import io.lazytensor.nn.BinaryLossOptions;
import io.lazytensor.nn.ClassLossOptions;
import io.lazytensor.nn.ContrastOptions;
import io.lazytensor.nn.Reduction;
import io.lazytensor.nn.TripletOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Losses with their options; the cases are made by {@code scripts/make_loss_goldens.py}. */
class LossGoldenTest extends GoldenTest {
  private static final ClassLossOptions CLASSES = ClassLossOptions.DEFAULT;
  private static final BinaryLossOptions BINARY = BinaryLossOptions.DEFAULT;
  private static final TripletOptions TRIPLET = TripletOptions.DEFAULT;
  private static final ContrastOptions CONTRAST = ContrastOptions.DEFAULT;

  private interface Reduced {
    Tensor apply(GoldenInputs in, Reduction reduction);
  }

  LossGoldenTest() {
    super("loss.txt", table());
  }

  private static GoldenTable table() {
    GoldenTable table = new GoldenTable();
    classes(table);
    margins(table);
    probabilities(table);
    likelihoods(table);
    distances(table);
    embeddings(table);
    contrast(table);
    return table;
  }

  private static void reduced(GoldenTable t, String name, Reduced loss) {
    for (Reduction reduction : Reduction.values()) {
      String suffix = "_" + reduction.name().toLowerCase(Locale.ROOT);
      t.many(name + suffix, in -> List.of(loss.apply(in, reduction)));
    }
  }

  private static void classes(GoldenTable t) {
    reduced(
        t, "crossEntropy", (in, r) -> crossEntropy(in.get(0), in.get(1), CLASSES.withReduction(r)));
    reduced(t, "crossEntropySmooth", (in, r) -> crossEntropy(in.get(0), in.get(1), r, -100, 0.2));
    reduced(
        t,
        "crossEntropyWeight",
        (in, r) ->
            crossEntropy(in.get(0), in.get(1), CLASSES.withReduction(r).withWeight(in.get(2))));
    reduced(
        t,
        "crossEntropyAll",
        (in, r) -> {
          ClassLossOptions options = CLASSES.withReduction(r).withWeight(in.get(2));
          return crossEntropy(
              in.get(0), in.get(1), options.withIgnoreIndex(3).withLabelSmoothing(0.2));
        });
    reduced(
        t,
        "crossEntropyProbabilities",
        (in, r) -> crossEntropy(in.get(0), in.get(1), CLASSES.withReduction(r)));
    reduced(
        t,
        "crossEntropyProbabilitiesAll",
        (in, r) -> {
          ClassLossOptions options = CLASSES.withReduction(r).withWeight(in.get(2));
          return crossEntropy(in.get(0), in.get(1), options.withLabelSmoothing(0.1));
        });
    t.two("crossEntropyImage", (x, y) -> crossEntropy(x, y));
    t.three("crossEntropyImageWeight", (x, y, w) -> crossEntropy(x, y, CLASSES.withWeight(w)));
    t.two("crossEntropyOne", (x, y) -> crossEntropy(x, y));
    t.two("crossEntropyLarge", (x, y) -> crossEntropy(x, y));
    reduced(t, "nll", (in, r) -> nll(in.get(0), in.get(1), CLASSES.withReduction(r)));
    reduced(
        t,
        "nllWeight",
        (in, r) -> nll(in.get(0), in.get(1), CLASSES.withReduction(r).withWeight(in.get(2))));
    t.two("nllImage", (x, y) -> nll(x, y));
  }

  private static void margins(GoldenTable t) {
    reduced(
        t, "multiMargin", (in, r) -> multiMargin(in.get(0), in.get(1), 1, 1, Optional.empty(), r));
    reduced(
        t,
        "multiMarginAll",
        (in, r) -> multiMargin(in.get(0), in.get(1), 2, 0.7, Optional.of(in.get(2)), r));
    reduced(
        t,
        "multilabelSoftMargin",
        (in, r) -> multilabelSoftMargin(in.get(0), in.get(1), Optional.empty(), r));
    t.three(
        "multilabelSoftMarginWeight",
        (x, y, w) -> multilabelSoftMargin(x, y, Optional.of(w), Reduction.MEAN));
  }

  private static void probabilities(GoldenTable t) {
    reduced(t, "bce", (in, r) -> bce(in.get(0), in.get(1), BINARY.withReduction(r)));
    reduced(
        t,
        "bceWeight",
        (in, r) -> bce(in.get(0), in.get(1), BINARY.withReduction(r).withWeight(in.get(2))));
    t.two("bceEdges", (x, y) -> bce(x, y));
    reduced(t, "bceWithLogits", (in, r) -> bceWithLogits(in.get(0), in.get(1), r));
    reduced(
        t,
        "bceWithLogitsAll",
        (in, r) -> {
          BinaryLossOptions options = BINARY.withReduction(r).withWeight(in.get(2));
          return bceWithLogits(in.get(0), in.get(1), options.withPositiveWeight(in.get(3)));
        });
    t.two("bceWithLogitsLarge", (x, y) -> bceWithLogits(x, y));
  }

  private static void likelihoods(GoldenTable t) {
    reduced(t, "klDiv", (in, r) -> klDiv(in.get(0), in.get(1), r, false));
    reduced(t, "klDivLog", (in, r) -> klDiv(in.get(0), in.get(1), r, true));
    t.two("klDivBatchMean", (x, y) -> klDivBatchMean(x, y, false));
    t.two("klDivBatchMeanLog", (x, y) -> klDivBatchMean(x, y, true));
    reduced(t, "poissonNll", (in, r) -> poissonNll(in.get(0), in.get(1), true, false, 1e-8, r));
    reduced(t, "poissonNllFull", (in, r) -> poissonNll(in.get(0), in.get(1), false, true, 1e-8, r));
    reduced(
        t, "gaussianNll", (in, r) -> gaussianNll(in.get(0), in.get(1), in.get(2), false, 1e-2, r));
    t.three("gaussianNllFull", (x, y, v) -> gaussianNll(x, y, v, true, 1e-6, Reduction.MEAN));
  }

  private static void distances(GoldenTable t) {
    reduced(t, "mse", (in, r) -> mse(in.get(0), in.get(1), r));
    reduced(t, "l1", (in, r) -> l1(in.get(0), in.get(1), r));
    reduced(t, "smoothL1", (in, r) -> smoothL1(in.get(0), in.get(1), 1, r));
    reduced(t, "smoothL1Beta", (in, r) -> smoothL1(in.get(0), in.get(1), 0.4, r));
    t.two("smoothL1Zero", (x, y) -> smoothL1(x, y, 0, Reduction.MEAN));
    reduced(t, "huber", (in, r) -> huber(in.get(0), in.get(1), 1, r));
    reduced(t, "huberDelta", (in, r) -> huber(in.get(0), in.get(1), 0.4, r));
  }

  private static void embeddings(GoldenTable t) {
    reduced(
        t, "cosineEmbedding", (in, r) -> cosineEmbedding(in.get(0), in.get(1), in.get(2), 0, r));
    reduced(
        t,
        "cosineEmbeddingMargin",
        (in, r) -> cosineEmbedding(in.get(0), in.get(1), in.get(2), 0.3, r));
    t.three("cosineEmbeddingOne", (x, y, s) -> cosineEmbedding(x, y, s, 0, Reduction.MEAN));
    reduced(
        t,
        "triplet",
        (in, r) -> tripletMargin(in.get(0), in.get(1), in.get(2), TRIPLET.withReduction(r)));
    reduced(
        t,
        "tripletAll",
        (in, r) -> {
          TripletOptions options = TRIPLET.withReduction(r).withMargin(2.5).withP(1.5).withSwap();
          return tripletMargin(in.get(0), in.get(1), in.get(2), options);
        });
    t.three("tripletMet", (a, p, n) -> tripletMargin(a, p, n));
    reduced(t, "marginRanking", (in, r) -> marginRanking(in.get(0), in.get(1), in.get(2), 0, r));
    reduced(
        t,
        "marginRankingMargin",
        (in, r) -> marginRanking(in.get(0), in.get(1), in.get(2), 0.8, r));
    reduced(t, "hingeEmbedding", (in, r) -> hingeEmbedding(in.get(0), in.get(1), 1, r));
    t.two("hingeEmbeddingMargin", (x, y) -> hingeEmbedding(x, y, 0.4, Reduction.MEAN));
    reduced(t, "softMargin", (in, r) -> softMargin(in.get(0), in.get(1), r));
  }

  private static void contrast(GoldenTable t) {
    reduced(t, "infoNce", (in, r) -> infoNce(in.get(0), in.get(1), CONTRAST.withReduction(r)));
    t.two("infoNceMore", (q, k) -> infoNce(q, k));
    t.two("infoNceDots", (q, k) -> infoNce(q, k, CONTRAST.withDotProducts().withTemperature(0.7)));
    t.two("infoNceSymmetric", (q, k) -> infoNce(q, k, CONTRAST.withScale(5).withSymmetry()));
    t.three("infoNceMasked", (q, k, h) -> infoNce(q, k, CONTRAST.withFalseNegatives(h)));
    t.three(
        "infoNceAll",
        (q, k, h) -> {
          ContrastOptions options = CONTRAST.withDotProducts().withScale(0.5).withSymmetry();
          return infoNce(q, k, options.withFalseNegatives(h));
        });
  }
}
