package io.lazytensor.examples.goldens;

import static io.lazytensor.nn.F.scaledDotProductAttention;

import io.lazytensor.Tensor;
import io.lazytensor.nn.Activation;
import io.lazytensor.nn.AttentionMasks;
import io.lazytensor.nn.AttentionOptions;
import io.lazytensor.nn.BagMode;
import io.lazytensor.nn.BatchNorm;
import io.lazytensor.nn.Bilinear;
import io.lazytensor.nn.Embedding;
import io.lazytensor.nn.EmbeddingBag;
import io.lazytensor.nn.Flatten;
import io.lazytensor.nn.GRU;
import io.lazytensor.nn.GroupNorm;
import io.lazytensor.nn.Identity;
import io.lazytensor.nn.InstanceNorm;
import io.lazytensor.nn.LSTM;
import io.lazytensor.nn.LayerNorm;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.MultiheadAttention;
import io.lazytensor.nn.RMSNorm;
import io.lazytensor.nn.RNN;
import io.lazytensor.nn.RecurrentOptions;
import io.lazytensor.nn.Sequential;
import io.lazytensor.nn.TransformerDecoderLayer;
import io.lazytensor.nn.TransformerEncoder;
import io.lazytensor.nn.TransformerEncoderLayer;
import io.lazytensor.nn.TransformerOptions;
import io.lazytensor.nn.UnaryLayer;
import io.lazytensor.nn.interaction.CrossNetwork;
import io.lazytensor.nn.interaction.FactorizationMachine;
import io.lazytensor.nn.interaction.Interactions;
import io.lazytensor.nn.interaction.Mlp;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Layers with their state dicts; the cases are made by {@code scripts/make_layer_goldens.py}. */
class LayerGoldenTest extends GoldenTest {
  LayerGoldenTest() {
    super("layer.txt", table());
  }

  private static GoldenTable table() {
    GoldenTable table = new GoldenTable();
    activations(table);
    simple(table);
    embeddings(table);
    normalizations(table);
    batchNormalizations(table);
    WindowCases.add(table);
    attention(table);
    multihead(table);
    transformers(table);
    recurrent(table);
    interactions(table);
    return table;
  }

  static void unary(GoldenTable t, String name, Supplier<? extends UnaryLayer> layer) {
    t.layer(name, layer, (l, in) -> List.of(l.forward(in.get(0))));
  }

  private static void activations(GoldenTable t) {
    unary(t, "ReLU", Activation.ReLU::new);
    unary(t, "ReLU6", Activation.ReLU6::new);
    unary(t, "LeakyReLU", Activation.LeakyReLU::new);
    unary(t, "LeakyReLUSlope", () -> new Activation.LeakyReLU(0.2));
    unary(t, "ELU", Activation.ELU::new);
    unary(t, "ELUAlpha", () -> new Activation.ELU(1.7));
    unary(t, "SELU", Activation.SELU::new);
    unary(t, "CELU", Activation.CELU::new);
    unary(t, "CELUAlpha", () -> new Activation.CELU(1.7));
    unary(t, "GELU", Activation.GELU::new);
    unary(t, "GELUTanh", Activation.GELUTanh::new);
    unary(t, "SiLU", Activation.SiLU::new);
    unary(t, "Mish", Activation.Mish::new);
    unary(t, "Sigmoid", Activation.Sigmoid::new);
    unary(t, "LogSigmoid", Activation.LogSigmoid::new);
    unary(t, "Hardsigmoid", Activation.Hardsigmoid::new);
    unary(t, "Hardswish", Activation.Hardswish::new);
    unary(t, "Hardtanh", Activation.Hardtanh::new);
    unary(t, "HardtanhBounds", () -> new Activation.Hardtanh(-0.5, 2));
    unary(t, "Hardshrink", Activation.Hardshrink::new);
    unary(t, "Softshrink", Activation.Softshrink::new);
    unary(t, "Threshold", () -> new Activation.Threshold(0.3, -7));
    unary(t, "Tanh", Activation.Tanh::new);
    unary(t, "Tanhshrink", Activation.Tanhshrink::new);
    unary(t, "Softsign", Activation.Softsign::new);
    unary(t, "Softplus", Activation.Softplus::new);
    unary(t, "SoftplusBeta", () -> new Activation.Softplus(2, 10));
    unary(t, "PReLU", Activation.PReLU::of);
    unary(t, "PReLUChannels", () -> Activation.PReLU.of(3));
    unary(t, "Softmax", () -> new Activation.Softmax(-1));
    unary(t, "Softmin", () -> new Activation.Softmin(0));
    unary(t, "LogSoftmax", () -> new Activation.LogSoftmax(1));
    unary(t, "GLU", Activation.GLU::new);
    unary(t, "GLUFirst", () -> new Activation.GLU(0));
  }

  private static void simple(GoldenTable t) {
    unary(t, "Linear", () -> Linear.of(5, 3));
    unary(t, "LinearPlain", () -> Linear.of(5, 3).withoutBias());
    t.layer(
        "Bilinear",
        () -> Bilinear.of(4, 5, 3),
        (l, in) -> List.of(l.forward(in.get(0), in.get(1))));
    t.layer(
        "BilinearPlain",
        () -> Bilinear.of(2, 3, 1).withoutBias(),
        (l, in) -> List.of(l.forward(in.get(0), in.get(1))));
    unary(t, "Identity", Identity::new);
    unary(t, "Flatten", Flatten::new);
    unary(
        t,
        "Sequential",
        () ->
            Sequential.of(
                Linear.of(4, 5),
                new Activation.ReLU(),
                Sequential.of(Linear.of(5, 3), new Activation.Tanh())));
  }

  private static void embeddings(GoldenTable t) {
    unary(t, "Embedding", () -> Embedding.of(7, 3));
    unary(t, "EmbeddingPadding", () -> Embedding.of(7, 3, 2));
    for (BagMode mode : BagMode.values()) {
      String suffix = "_" + mode.name().toLowerCase(Locale.ROOT);
      unary(t, "EmbeddingBag" + suffix, () -> EmbeddingBag.of(6, 3, mode));
      unary(t, "EmbeddingBagPadding" + suffix, () -> EmbeddingBag.of(6, 3, mode, 2));
    }
    t.layer(
        "EmbeddingBagWeighted",
        () -> EmbeddingBag.of(6, 3, BagMode.SUM),
        (l, in) -> List.of(l.forward(in.get(0), in.get(1))));
    t.layer(
        "EmbeddingBagWeightedPadding",
        () -> EmbeddingBag.of(6, 3, BagMode.SUM, 2),
        (l, in) -> List.of(l.forward(in.get(0), in.get(1))));
  }

  private static void normalizations(GoldenTable t) {
    unary(t, "LayerNorm", () -> LayerNorm.of(6));
    unary(t, "LayerNormDims", () -> LayerNorm.of(4, 6).withEps(1e-3));
    unary(t, "LayerNormPlain", () -> LayerNorm.of(6).withoutAffine());
    unary(t, "LayerNormNoBias", () -> LayerNorm.of(6).withoutBias());
    unary(t, "RMSNorm", () -> RMSNorm.of(6));
    unary(t, "RMSNormDims", () -> RMSNorm.of(2, 6).withEps(1e-2));
    unary(t, "RMSNormPlain", () -> RMSNorm.of(6).withoutAffine());
    unary(t, "GroupNorm", () -> GroupNorm.of(2, 6));
    unary(t, "GroupNormImage", () -> GroupNorm.of(3, 6).withEps(1e-3));
    unary(t, "GroupNormPlain", () -> GroupNorm.of(1, 4).withoutAffine());
    unary(t, "InstanceNorm", InstanceNorm::of);
    unary(t, "InstanceNormAffine", () -> InstanceNorm.affine(3));
  }

  private static void batchNormalizations(GoldenTable t) {
    both(t, "BatchNorm1d", () -> BatchNorm.of1d(3));
    both(t, "BatchNorm1dLength", () -> BatchNorm.of1d(3));
    both(t, "BatchNorm2d", () -> BatchNorm.of2d(3));
    both(
        t,
        "BatchNormOptions",
        () -> BatchNorm.of1d(3).withEps(1e-2).withMomentum(0.3).withoutAffine());
    both(t, "BatchNormUntracked", () -> BatchNorm.of1d(3).withoutRunningStatistics());
    unary(t, "BatchNormCumulative", () -> BatchNorm.of1d(3).withMomentum(BatchNorm.CUMULATIVE));
  }

  private static void both(GoldenTable t, String name, Supplier<BatchNorm> layer) {
    unary(t, name + "Train", layer);
    t.layer(
        name + "Eval",
        layer,
        (l, in) -> List.of(in.device().evaluating(() -> l.forward(in.get(0)))));
  }

  private static void attention(GoldenTable t) {
    AttentionOptions plain = AttentionOptions.DEFAULT;
    t.three("attention", (q, k, v) -> scaledDotProductAttention(q, k, v));
    for (String name : List.of("attentionMask", "attentionAdded")) {
      t.many(
          name,
          in ->
              List.of(
                  scaledDotProductAttention(
                      in.get(0), in.get(1), in.get(2), plain.withMask(in.get(3)))));
    }
    t.three("attentionCausal", (q, k, v) -> scaledDotProductAttention(q, k, v, plain.withCausal()));
    t.three(
        "attentionScale", (q, k, v) -> scaledDotProductAttention(q, k, v, plain.withScale(0.7)));
  }

  private static MultiheadAttention heads() {
    return MultiheadAttention.of(6, 2).withBatchFirst();
  }

  private static List<Tensor> weighted(
      MultiheadAttention layer, Tensor q, Tensor k, Tensor v, AttentionMasks masks) {
    MultiheadAttention.Attended result = layer.forwardWithWeights(q, k, v, masks, true);
    return List.of(result.output(), result.weights());
  }

  private static void multihead(GoldenTable t) {
    AttentionMasks none = AttentionMasks.NONE;
    t.layer("Multihead", LayerGoldenTest::heads, (l, in) -> List.of(l.forward(in.get(0))));
    t.layer(
        "MultiheadSecond",
        () -> MultiheadAttention.of(6, 2),
        (l, in) -> List.of(l.forward(in.get(0))));
    t.layer(
        "MultiheadPlain", () -> heads().withoutBias(), (l, in) -> List.of(l.forward(in.get(0))));
    t.layer(
        "MultiheadCross",
        LayerGoldenTest::heads,
        (l, in) -> weighted(l, in.get("x"), in.get("z"), in.get("z"), none));
    t.layer(
        "MultiheadThree",
        LayerGoldenTest::heads,
        (l, in) -> {
          MultiheadAttention.Attended result =
              l.forwardWithWeights(in.get("x"), in.get("z"), in.get("u"), none, false);
          return List.of(result.output(), result.weights());
        });
    t.layer(
        "MultiheadSingle",
        LayerGoldenTest::heads,
        (l, in) -> weighted(l, in.get("x"), in.get("x"), in.get("x"), none));
    masked(t, "MultiheadPadding", in -> none.withKeyPadding(in.get("p")));
    masked(t, "MultiheadMask", in -> none.withAttention(in.get("a")));
    masked(t, "MultiheadAdded", in -> none.withAttention(in.get("a")));
    masked(t, "MultiheadBoth", LayerGoldenTest::masks);
  }

  private static AttentionMasks masks(GoldenInputs in) {
    return AttentionMasks.NONE.withAttention(in.get("a")).withKeyPadding(in.get("p"));
  }

  private static void masked(
      GoldenTable t, String name, java.util.function.Function<GoldenInputs, AttentionMasks> masks) {
    t.layer(
        name,
        LayerGoldenTest::heads,
        (l, in) -> weighted(l, in.get("x"), in.get("x"), in.get("x"), masks.apply(in)));
  }

  private static TransformerOptions options() {
    return TransformerOptions.of(6, 2).withHidden(5).withDropout(0).withBatchFirst();
  }

  private static void transformers(GoldenTable t) {
    TransformerOptions first = options().withNormFirst().withActivation(new Activation.GELU());
    unary(t, "EncoderLayer", () -> TransformerEncoderLayer.of(options()));
    t.layer(
        "EncoderLayerEval",
        () -> TransformerEncoderLayer.of(options().withDropout(0.5)),
        (l, in) -> List.of(in.device().evaluating(() -> l.forward(in.get(0)))));
    unary(t, "EncoderLayerFirst", () -> TransformerEncoderLayer.of(first));
    unary(
        t,
        "EncoderLayerPlain",
        () -> TransformerEncoderLayer.of(options().withoutBias().withEps(1e-2)));
    t.layer(
        "EncoderLayerMasks",
        () -> TransformerEncoderLayer.of(options()),
        (l, in) -> List.of(l.forward(in.get("x"), masks(in))));
    t.layer(
        "Encoder",
        () -> TransformerEncoder.of(2, options()).withNorm(LayerNorm.of(6)),
        (l, in) ->
            List.of(l.forward(in.get("x"), AttentionMasks.NONE.withKeyPadding(in.get("p")))));
    t.layer(
        "DecoderLayer",
        () -> TransformerDecoderLayer.of(options()),
        (l, in) ->
            List.of(
                l.forward(
                    in.get("x"),
                    in.get("z"),
                    AttentionMasks.NONE.withAttention(in.get("a")),
                    AttentionMasks.NONE.withKeyPadding(in.get("p")))));
    t.layer(
        "DecoderLayerFirst",
        () -> TransformerDecoderLayer.of(first),
        (l, in) -> List.of(l.forward(in.get("x"), in.get("z"))));
  }

  private static List<Tensor> results(RNN.Result result) {
    return List.of(result.output(), result.hidden());
  }

  private static List<Tensor> results(LSTM.Result result) {
    return List.of(result.output(), result.hidden(), result.cell());
  }

  private static List<Tensor> results(GRU.Result result) {
    return List.of(result.output(), result.hidden());
  }

  private static void recurrent(GoldenTable t) {
    RecurrentOptions plain = RecurrentOptions.of(3, 2).withoutBias().withBatchFirst();
    RecurrentOptions deep =
        RecurrentOptions.of(3, 2).withLayers(2).withBothDirections().withBatchFirst();
    t.layer("RNN", () -> RNN.of(3, 4), (l, in) -> results(l.forward(in.get(0))));
    t.layer(
        "RNNRelu",
        () -> RNN.withRelu(RecurrentOptions.of(3, 4).withBatchFirst()),
        (l, in) -> results(l.forward(in.get(0))));
    t.layer("LSTM", () -> LSTM.of(3, 4), (l, in) -> results(l.forward(in.get(0))));
    t.layer("LSTMPlain", () -> LSTM.of(plain), (l, in) -> results(l.forward(in.get(0))));
    t.layer("LSTMSingle", () -> LSTM.of(3, 2), (l, in) -> results(l.forward(in.get(0))));
    t.layer(
        "LSTMDeep",
        () -> LSTM.of(deep),
        (l, in) -> results(l.forward(in.get("x"), in.get("h0"), in.get("c0"))));
    t.layer("GRU", () -> GRU.of(3, 4), (l, in) -> results(l.forward(in.get(0))));
    t.layer("GRUPlain", () -> GRU.of(plain), (l, in) -> results(l.forward(in.get(0))));
    t.layer("GRUSingle", () -> GRU.of(3, 2), (l, in) -> results(l.forward(in.get(0))));
    t.layer(
        "GRUDeep", () -> GRU.of(deep), (l, in) -> results(l.forward(in.get("x"), in.get("h0"))));
  }

  private static void interactions(GoldenTable t) {
    unary(t, "Mlp", () -> Mlp.of(4, 5, 3, 1).withLayerNorm().withActivation(new Activation.GELU()));
    unary(t, "CrossNetwork", () -> CrossNetwork.of(5, 2));
    unary(t, "CrossNetworkLowRank", () -> CrossNetwork.lowRank(5, 2, 2));
    t.layer(
        "FactorizationMachine",
        () -> FactorizationMachine.of(8, 3),
        (l, in) -> List.of(l.forward(in.get(0))));
    t.two("dot", Interactions::dot);
    t.two("compared", Interactions::compared);
    t.one("pairwiseDot", x -> Interactions.pairwiseDot(x, false));
    t.one("pairwiseDotSelf", x -> Interactions.pairwiseDot(x, true));
    t.one("biInteraction", Interactions::biInteraction);
  }
}
