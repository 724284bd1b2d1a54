package io.lazytensor.internal.lower;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.autograd.ReverseMode;
import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Results and gradients against those of a real PyTorch. */
class GoldenTest {
  /** A function of the case's inputs in their order in the file. */
  interface Lowering {
    HloInstruction apply(HloBuilder b, List<HloInstruction> in);
  }

  private static final Map<String, SequencedMap<String, Literal>> GOLDENS = Goldens.load();
  private static final Map<String, Lowering> LOWERINGS = new TreeMap<>();
  private static final double TOLERANCE = 2e-6;

  private static void one(String name, OneOperand function) {
    LOWERINGS.put(name, (b, in) -> function.apply(b, in.get(0)));
  }

  private static void two(String name, TwoOperands function) {
    LOWERINGS.put(name, (b, in) -> function.apply(b, in.get(0), in.get(1)));
  }

  interface OneOperand {
    HloInstruction apply(HloBuilder b, HloInstruction x);
  }

  interface TwoOperands {
    HloInstruction apply(HloBuilder b, HloInstruction x, HloInstruction y);
  }

  static {
    activations();
    elementwise();
    reductions();
    products();
    losses();
    indexing();
  }

  private static void activations() {
    one("relu", Activations::relu);
    one("leakyRelu", (b, x) -> Activations.leakyRelu(b, x, 0.02));
    one("elu", (b, x) -> Activations.elu(b, x, 1.5));
    one("gelu", Activations::gelu);
    one("geluTanh", Activations::geluTanh);
    one("silu", Activations::silu);
    one("sigmoid", Activations::sigmoid);
    one("logSigmoid", Activations::logSigmoid);
    one("softplus", (b, x) -> Activations.softplus(b, x, 1, 20));
    one("softplusBeta", (b, x) -> Activations.softplus(b, x, 2, 10));
    one("softmax", (b, x) -> Activations.softmax(b, x, -1));
    one("softmaxFirst", (b, x) -> Activations.softmax(b, x, 0));
    one("softmaxMasked", (b, x) -> Activations.softmax(b, x, 1));
    one("logSoftmax", (b, x) -> Activations.logSoftmax(b, x, 1));
  }

  private static void elementwise() {
    two("remainder", Elementwise::remainder);
    two("remainderInt", Elementwise::remainder);
    two("remainderFloat", Elementwise::remainder);
    one("round", (b, x) -> Elementwise.integral(b, UnaryKind.ROUND_NEAREST_EVEN, x));
    one("clamp", (b, x) -> Elementwise.clamp(b, x, -1, 2));
    one("clampMin", (b, x) -> Elementwise.clamp(b, x, -0.5, null));
    one("pow2", (b, x) -> Elementwise.pow(b, x, 2));
    one("pow3", (b, x) -> Elementwise.pow(b, x, 3));
    one("powNegative", (b, x) -> Elementwise.pow(b, x, -2));
    one("pow17", (b, x) -> Elementwise.pow(b, x, 1.7));
    two("powTensor", Elementwise::pow);
    two("divInts", Elementwise::div);
    LOWERINGS.put("where", (b, in) -> Elementwise.where(b, in.get(0), in.get(1), in.get(2)));
    two("maskedFill", (b, x, m) -> Elementwise.maskedFill(b, x, m, -1e9));
  }

  private static void reductions() {
    one("sumAll", (b, x) -> Reductions.sum(b, x, false));
    one("sumInts", (b, x) -> Reductions.sum(b, x, false));
    one("sumPred", (b, x) -> Reductions.sum(b, x, false));
    one("meanDims", (b, x) -> Reductions.mean(b, x, true, 0, -1));
    one("amax", (b, x) -> Reductions.max(b, x, false, 1));
    one("amin", (b, x) -> Reductions.min(b, x, false, 0, 2));
    one("prod", (b, x) -> Reductions.prod(b, x, false, 1));
    one("variance", (b, x) -> Reductions.variance(b, x, 1, false, 0, 1));
    one("varianceBiased", (b, x) -> Reductions.variance(b, x, 0, true, -1));
    one("std", (b, x) -> Reductions.std(b, x, 1, false, 0));
    one("argmax", (b, x) -> Reductions.argmax(b, x, 1, false));
    one("argmin", (b, x) -> Reductions.argmin(b, x, 0, true));
    one("argmaxAll", Reductions::argmax);
    one("all", (b, x) -> Reductions.all(b, x, false, 1));
    one("any", (b, x) -> Reductions.any(b, x, false, 1));
    one("logSumExp", (b, x) -> Reductions.logSumExp(b, x, false, 1));
    one("logSumExpEmptyRow", (b, x) -> Reductions.logSumExp(b, x, false, 1));
    one("norm2", (b, x) -> Reductions.norm(b, x, 2, false, 1));
    one("norm1", (b, x) -> Reductions.norm(b, x, 1, false, 1));
    one("norm3", (b, x) -> Reductions.norm(b, x, 3, false, 1));
    one("normInf", (b, x) -> Reductions.norm(b, x, Double.POSITIVE_INFINITY, false, 1));
  }

  private static void products() {
    GOLDENS.keySet().stream()
        .filter(name -> name.startsWith("matmul_"))
        .forEach(name -> two(name, MatrixProducts::matmul));
    two("attentionScores", GoldenTest::attentionScores);
    Lowering linear = (b, in) -> MatrixProducts.linear(b, in.get(0), in.get(1), in.get(2));
    LOWERINGS.put("linear", linear);
    LOWERINGS.put("linearVector", linear);
  }

  private static HloInstruction attentionScores(HloBuilder b, HloInstruction q, HloInstruction k) {
    HloInstruction queries = Shapes.transpose(b, Shapes.reshape(b, q, 2, 3, 2, 4), 1, 2);
    HloInstruction keys = Shapes.transpose(b, Shapes.reshape(b, k, 2, 3, 2, 4), 1, 2);
    return MatrixProducts.matmul(b, queries, Shapes.transpose(b, keys, -1, -2));
  }

  private static void losses() {
    for (Reduction reduction : Reduction.values()) {
      String suffix = "_" + reduction.name().toLowerCase(Locale.ROOT);
      two("crossEntropy" + suffix, classes(reduction, 0));
      two("smoothing" + suffix, classes(reduction, 0.1));
      two("nll" + suffix, (b, x, t) -> CrossEntropy.nll(b, x, t, reduction, -100));
      two("mse" + suffix, (b, x, t) -> Losses.mse(b, x, t, reduction));
    }
    two("crossEntropyImage", classes(Reduction.MEAN, 0));
    two("crossEntropySingle", classes(Reduction.MEAN, 0));
    two("crossEntropyLarge", classes(Reduction.MEAN, 0));
    two("crossEntropyProbabilities", classes(Reduction.MEAN, 0.2));
    two("l1", (b, x, t) -> Losses.l1(b, x, t, Reduction.MEAN));
    two("smoothL1", (b, x, t) -> Losses.smoothL1(b, x, t, Reduction.MEAN, 0.7));
    two("huber", (b, x, t) -> Losses.huber(b, x, t, Reduction.MEAN, 0.7));
    two("bce", (b, x, t) -> Losses.bce(b, x, t, Reduction.MEAN));
    two("bceWithLogits", (b, x, t) -> Losses.bceWithLogits(b, x, t, Reduction.MEAN, null));
    LOWERINGS.put(
        "bceWithLogitsWeighted",
        (b, in) -> Losses.bceWithLogits(b, in.get(0), in.get(1), Reduction.MEAN, in.get(2)));
    two("klDiv", (b, x, t) -> Losses.klDiv(b, x, t, Reduction.SUM));
  }

  private static TwoOperands classes(Reduction reduction, double smoothing) {
    return (b, x, t) -> CrossEntropy.crossEntropy(b, x, t, reduction, -100, smoothing);
  }

  private static void indexing() {
    LOWERINGS.put(
        "layerNorm",
        (b, in) -> Normalizations.layerNorm(b, in.get(0), 1, in.get(1), in.get(2), 1e-5));
    one("layerNormPlain", (b, x) -> Normalizations.layerNorm(b, x, 2, null, null, 1e-12));
    two("embedding", Indexing::embedding);
    two("gather", (b, x, i) -> Indexing.gather(b, x, 1, i));
    two("indexSelect", (b, x, i) -> Indexing.indexSelect(b, x, 1, i));
    one("oneHot", (b, i) -> Indexing.oneHot(b, i, 4, DType.S32));
    one("cumulativeSum", (b, x) -> Scans.cumsum(b, x, 1));
    two("rmsNorm", (b, x, w) -> Normalizations.rmsNorm(b, x, 1, w, 1e-6));
    one("normalize", (b, x) -> Normalizations.normalize(b, x, 2, 1, 1e-12));
    two("cosineSimilarity", (b, x, y) -> Normalizations.cosineSimilarity(b, x, y, -1, 1e-8));
    attention();
    one("repeat", (b, x) -> Shapes.repeat(b, x, 2, 3, 1));
    one("roll", (b, x) -> Shapes.roll(b, x, -2, 1));
    one("tril", (b, x) -> Shapes.tril(b, x, -1));
    one("triu", (b, x) -> Shapes.triu(b, x, 0));
    one("flip", (b, x) -> Shapes.flip(b, x, 0, -1));
    one("pad", (b, x) -> Shapes.pad(b, x, 7, 1, -1, 2, 0));
    one("sliced", (b, x) -> Shapes.slice(b, x, 1, 1, -1, 2));
  }

  private static void attention() {
    Lowering masked =
        (b, in) -> Attention.attend(b, in.get(0), in.get(1), in.get(2), in.get(3), null);
    LOWERINGS.put(
        "attention", (b, in) -> Attention.attend(b, in.get(0), in.get(1), in.get(2), null, null));
    LOWERINGS.put("attentionMasked", masked);
    LOWERINGS.put("attentionHidden", masked);
    LOWERINGS.put(
        "attentionCausal",
        (b, in) ->
            Attention.attend(
                b, in.get(0), in.get(1), in.get(2), Attention.causalMask(b, 4, 4), null));
  }

  static Stream<String> cases() {
    return GOLDENS.keySet().stream().filter(name -> golden(name).containsKey("y"));
  }

  @Test
  void everyGoldenHasALowering() {
    assertEquals(new TreeSet<>(cases().toList()), new TreeSet<>(LOWERINGS.keySet()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAreThoseOfPyTorch(String name) {
    SequencedMap<String, Literal> golden = golden(name);
    SequencedMap<String, HloInstruction> inputs = inputs(golden);
    HloInstruction y = lower(name, inputs);
    Literal actual = Evaluation.evaluate(y, inputs, golden);
    Evaluation.assertClose(name, requireNonNull(golden.get("y")), actual, TOLERANCE);
  }

  static Stream<String> differentiableCases() {
    return cases().filter(name -> golden(name).containsKey("g"));
  }

  @ParameterizedTest
  @MethodSource("differentiableCases")
  void gradientsAreThoseOfPyTorch(String name) {
    SequencedMap<String, Literal> golden = golden(name);
    SequencedMap<String, HloInstruction> inputs = inputs(golden);
    HloBuilder b = new HloBuilder();
    HloInstruction y = lower(name, inputs);
    HloInstruction g = b.add(new HloOp.Constant(requireNonNull(golden.get("g"))));
    HloInstruction loss = Reductions.sum(b, Primitives.mul(b, y, g), false);
    List<String> wanted =
        inputs.keySet().stream().filter(input -> golden.containsKey("d" + input)).toList();
    List<@Nullable HloInstruction> gradients =
        ReverseMode.gradients(
            b, loss, wanted.stream().map(input -> requireNonNull(inputs.get(input))).toList());
    for (int i = 0; i < wanted.size(); i++) {
      Literal actual = Evaluation.evaluate(requireNonNull(gradients.get(i)), inputs, golden);
      String what = name + ".d" + wanted.get(i);
      Evaluation.assertClose(
          what, requireNonNull(golden.get("d" + wanted.get(i))), actual, TOLERANCE);
    }
  }

  private static SequencedMap<String, Literal> golden(String name) {
    return requireNonNull(GOLDENS.get(name));
  }

  private static HloInstruction lower(String name, Map<String, HloInstruction> inputs) {
    return requireNonNull(LOWERINGS.get(name))
        .apply(new HloBuilder(), new ArrayList<>(inputs.values()));
  }

  /** Returns a parameter for every array before the result. */
  private static SequencedMap<String, HloInstruction> inputs(Map<String, Literal> golden) {
    SequencedMap<String, Literal> arguments = new LinkedHashMap<>();
    for (Map.Entry<String, Literal> entry : golden.entrySet()) {
      if (entry.getKey().equals("y")) {
        break;
      }
      arguments.put(entry.getKey(), entry.getValue());
    }
    return Evaluation.parameters(arguments);
  }
}
