package io.lazytensor;

import static io.lazytensor.nn.F.checkpoint;
import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gelu;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.layerNorm;
import static io.lazytensor.nn.F.linear;
import static io.lazytensor.nn.F.softmax;
import static io.lazytensor.nn.F.stochasticRound;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LayerNorm;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.LoadOptions;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mixed precision: PyTorch's autocast, decided while recording. */
class PrecisionTest extends RuleTest {
  record Net(Linear first, LayerNorm norm, Linear second) implements Layer {
    static Net of(Map<String, float[]> values) {
      return new Net(
          new Linear(
              given(values, "first.weight", 16, 8), Optional.of(given(values, "first.bias", 16))),
          new LayerNorm(given(values, "norm.weight", 16), given(values, "norm.bias", 16), 1e-5),
          new Linear(
              given(values, "second.weight", 5, 16), Optional.of(given(values, "second.bias", 5))));
    }

    private static Parameter given(Map<String, float[]> values, String name, int... dims) {
      return Parameter.of(Initializer.values(Objects.requireNonNull(values.get(name))), dims);
    }

    Tensor forward(Tensor x) {
      Tensor h = gelu(first.forward(x));
      h = norm.forward(h);
      Tensor weights = softmax(h.matmul(h.transpose(0, 1)).mul(0.25), -1);
      h = h.add(weights.matmul(h));
      return second.forward(h);
    }
  }

  private static Map<String, float[]> goldens() {
    Map<String, float[]> out = new HashMap<>();
    try (InputStream in = PrecisionTest.class.getResourceAsStream("autocast.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        String[] words = line.split(" ");
        float[] values = new float[words.length - 2];
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.parseFloat(words[i + 2]);
        }
        out.put(words[0], values);
      }
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, float[]> run(
      Map<String, float[]> goldens, Precision precision, boolean again) {
    Net net = device.initialize(Net.of(goldens), Seed.of(0));
    Map<String, Fetch<float[]>> fetches = new LinkedHashMap<>();
    try (Step step = device.trainingStep("train", precision)) {
      Tensor x = device.tensor(Objects.requireNonNull(goldens.get("x")), 6, 8);
      int[] classes = new int[6];
      for (int i = 0; i < 6; i++) {
        classes[i] = (int) Objects.requireNonNull(goldens.get("y"))[i];
      }
      Tensor logits = again ? checkpoint(net::forward, x) : net.forward(x);
      assertEquals(precision.compute(), logits.dtype());
      Tensor loss = crossEntropy(logits, device.tensor(classes, 6));
      assertEquals(DType.F32, loss.dtype());
      Gradients g = gradients(loss, net);
      fetches.put("logits", step.fetchFloats(logits));
      fetches.put("loss", step.fetchFloats(loss));
      net.namedParameters()
          .forEach((name, parameter) -> {
            assertEquals(DType.F32, g.of(parameter).dtype());
            fetches.put(name, step.fetchFloats(g.of(parameter)));
          });
      step.markStep();
    }
    Map<String, float[]> out = new LinkedHashMap<>();
    fetches.forEach((name, fetch) -> out.put(name, fetch.get()));
    return out;
  }

  private static double error(float[] actual, float[] truth) {
    double worst = 0;
    double largest = 0;
    for (int i = 0; i < truth.length; i++) {
      worst = Math.max(worst, Math.abs((double) actual[i] - truth[i]));
      largest = Math.max(largest, Math.abs(truth[i]));
    }
    return worst / largest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bf16", "f16"})
  void logitsAndGradientsAreAsGoodAsThoseOfPyTorchsAutocast(String type) {
    open(RecordMode.COMPARE);
    Map<String, float[]> goldens = goldens();
    Precision precision = type.equals("bf16") ? Precision.bf16() : Precision.f16();
    double ulp = type.equals("bf16") ? 0x1p-8 : 0x1p-11;
    run(goldens, precision, false)
        .forEach((name, values) -> {
          float[] truth = Objects.requireNonNull(goldens.get("truth." + name));
          double theirs = error(Objects.requireNonNull(goldens.get(type + "." + name)), truth);
          double ours = error(values, truth);
          assertTrue(ours > 0, name + " is exact: nothing was rounded");
          assertTrue(ours <= 2 * theirs + ulp, name + ": error " + ours + ", PyTorch " + theirs);
        });
  }

  @Test
  void aCheckpointRoundsTheSameTwice() {
    open(RecordMode.COMPARE);
    Map<String, float[]> goldens = goldens();
    Map<String, float[]> plain = run(goldens, Precision.bf16(), false);
    run(goldens, Precision.bf16(), true)
        .forEach((name, values) -> assertArrayEquals(plain.get(name), values, name));
  }

  @Test
  void productsAreSummedInF32AndAWeightIsCastOnce() {
    FaultyBackend capturing = new FaultyBackend();
    device.close();
    device = Device.on(capturing);
    Parameter w = parameter("w", 1, 2, 3, 4);
    try (Step step = device.trainingStep("train", Precision.bf16())) {
      Tensor x = device.tensor(new float[] {1, 2, 3, 4}, 2, 2);
      Tensor matrix = w.reshape(2, 2);
      step.fetchFloats(linear(linear(x, matrix), matrix).matmul(matrix));
      step.markStep();
    }
    List<HloInstruction> all = capturing.compiled.getFirst().entry().instructions();
    List<HloInstruction> products = all.stream().filter(i -> i.op() instanceof HloOp.Dot).toList();
    assertEquals(3, products.size());
    for (HloInstruction product : products) {
      assertEquals(DType.F32, product.arrayShape().dtype());
      product.operands().forEach(o -> assertEquals(DType.BF16, o.arrayShape().dtype()));
    }
    long casts =
        all.stream()
            .filter(i -> i.op() instanceof HloOp.Convert)
            .filter(i -> i.operand(0).arrayShape().dtype() == DType.F32)
            .filter(i -> !(i.operand(0).op() instanceof HloOp.Dot))
            .count();
    assertEquals(2, casts, "the input and the weight");
  }

  @Test
  void aPartOfAModelHasItsOwnPrecision() {
    open(RecordMode.COMPARE);
    Parameter w = parameter("w", 1.001f, 2.003f, 3.007f, 4.015f);
    for (int round = 0; round < ROUNDS; round++) {
      boolean exact = round % 2 == 0;
      try (Step step = device.trainingStep("train", Precision.bf16())) {
        Tensor x = device.tensor(new float[] {1.0001f, 2, 3, 4}, 2, 2);
        Tensor matrix = w.reshape(2, 2);
        Tensor low = linear(x, matrix);
        assertEquals(DType.BF16, low.dtype());
        Tensor head =
            exact
                ? Precision.f32().apply(v -> linear(v, matrix), low)
                : device.computing(Precision.f16(), () -> linear(low, matrix));
        assertEquals(exact ? DType.F32 : DType.F16, head.dtype());
        assertEquals(DType.BF16, linear(head, matrix).dtype());
        Fetch<float[]> values = step.fetchFloats(head);
        step.markStep();
        assertEquals(4, values.get().length);
      }
    }
    assertEquals(2, device.report().graphs());
  }

  @Test
  void normsSumsAndExponentialsRunInF32() {
    open(RecordMode.TRIE);
    Parameter w = parameter("w", 1, 2, 3, 4);
    try (Step step = device.trainingStep("train", Precision.bf16())) {
      Tensor low = w.reshape(2, 2).matmul(w.reshape(2, 2));
      Tensor ones = device.full(1, DType.F32, 2);
      assertEquals(DType.F32, softmax(low, -1).dtype());
      assertEquals(DType.F32, layerNorm(low, ones, ones, 1e-5).dtype());
      assertEquals(DType.F32, low.sum().dtype());
      assertEquals(DType.F32, low.exp().dtype());
      assertEquals(DType.BF16, gelu(low).dtype());
      assertEquals(DType.BF16, low.add(low).dtype());
      assertEquals(DType.F32, low.add(w.reshape(2, 2)).dtype());
      step.discard();
    }
  }

  @Test
  void weightsCanBeStoredInBf16ForInference() {
    open(RecordMode.TRIE);
    Map<String, float[]> goldens = goldens();
    Net trained = device.initialize(Net.of(goldens), Seed.of(0));
    Net small =
        device.load(Net.of(goldens), trained.stateDict(), LoadOptions.STRICT.storedAs(DType.BF16));
    assertEquals(DType.BF16, small.first().weight().dtype());
    Tensor x = device.tensor(Objects.requireNonNull(goldens.get("x")), 6, 8);
    try (Step step = device.evaluationStep("embed", Precision.bf16())) {
      Fetch<float[]> logits = step.fetchFloats(small.forward(x));
      step.markStep();
      float[] truth = Objects.requireNonNull(goldens.get("truth.logits"));
      assertTrue(error(logits.get(), truth) < 0.02, "error " + error(logits.get(), truth));
    }
    Exception e =
        assertThrows(
            RecordingException.class,
            () -> device.load(trained, small.stateDict(), LoadOptions.STRICT.storedAs(DType.F16)));
    assertTrue(message(e).contains("cannot be stored as f16"), message(e));
  }

  @Test
  void stochasticRoundingKeepsTheMean() {
    open(RecordMode.TRIE);
    int n = 20_000;
    float[] values = new float[n];
    java.util.Arrays.fill(values, 1 + 0x1p-9f);
    try (Step step = device.trainingStep("train")) {
      Tensor rounded = stochasticRound(device.tensor(values, n));
      assertEquals(DType.BF16, rounded.dtype());
      Tensor special =
          stochasticRound(
              device.tensor(new float[] {0, -0f, 1, -2.5f, Float.NaN, Float.NEGATIVE_INFINITY}, 6));
      Fetch<float[]> all = step.fetchFloats(rounded);
      Fetch<float[]> same = step.fetchFloats(special);
      step.markStep();
      double mean = 0;
      for (float v : all.get()) {
        assertTrue(v == 1 || v == 1 + 0x1p-7f, "rounded to " + v);
        mean += v / (double) n;
      }
      // A quarter goes up; the standard deviation of the share is 0.003.
      assertEquals(1 + 0x1p-9, mean, 5 * 0.0031 * 0x1p-7);
      assertArrayEquals(
          new float[] {0, -0f, 1, -2.5f, Float.NaN, Float.NEGATIVE_INFINITY}, same.get());
    }
  }

  @Test
  void finiteGradientsAreToldFromOthers() {
    open(RecordMode.TRIE);
    Parameter w = parameter("w", 0, 4);
    Parameter v = parameter("v", 1, 2);
    assertFalse(finite(List.of(v, w), w.sqrt().sum().add(v.sum())));
    assertTrue(finite(List.of(v, w), w.add(1).sqrt().sum().add(v.sum())));
  }

  private boolean finite(List<Parameter> parameters, Tensor loss) {
    Tensor flag = gradients(loss, parameters).allFinite();
    assertEquals(DType.PRED, flag.dtype());
    Fetch<int[]> value = device.fetchInts(flag.to(DType.S32));
    device.markStep();
    return value.get()[0] != 0;
  }
}
