package io.lazytensor.checkpoint;

import static io.lazytensor.nn.F.gradients;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Parameter;
import io.lazytensor.PlainValue;
import io.lazytensor.Seed;
import io.lazytensor.StateException;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.LoadOptions;
import io.lazytensor.nn.StateDict;
import io.lazytensor.optim.Adafactor;
import io.lazytensor.optim.Adagrad;
import io.lazytensor.optim.Adam;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.ExponentialMovingAverage;
import io.lazytensor.optim.GradScaler;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.OptimizerState;
import io.lazytensor.optim.RMSprop;
import io.lazytensor.optim.ReduceOnPlateau;
import io.lazytensor.optim.SGD;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * States of every optimizer, from PyTorch and to it, with the files of {@code
 * src/test/scripts/make_optimizer_goldens.py}. Its {@code --check} goes on with PyTorch from what
 * this test leaves in {@code target/optimizers}.
 */
class OptimizerExchangeTest {
  private static final int BEFORE = 5;
  private static final int AFTER = 20;
  private static final double TOLERANCE = 2e-6;

  @TempDir Path folder;

  record Weights(Parameter a, Parameter b, Parameter c, Parameter frozen) implements Layer {
    static Weights create() {
      Initializer zeros = Initializer.zeros();
      return new Weights(
          Parameter.of(zeros, 4, 3),
          Parameter.of(zeros, 5),
          Parameter.of(zeros, 2, 3, 2),
          Parameter.of(zeros, 2).freeze());
    }
  }

  private static final Map<String, Function<Weights, Optimizer>> CASES = new LinkedHashMap<>();

  static {
    CASES.put("sgd", w -> SGD.builder(w.parameters()).learningRate(0.05).build());
    CASES.put(
        "sgdMomentum",
        w ->
            SGD.builder(w.parameters())
                .learningRate(0.05)
                .momentum(0.9)
                .weightDecay(0.01)
                .nesterov(true)
                .build());
    CASES.put(
        "sgdDampening",
        w -> SGD.builder(w.parameters()).learningRate(0.05).momentum(0.8).dampening(0.3).build());
    CASES.put(
        "adam", w -> Adam.builder(w.parameters()).learningRate(0.01).weightDecay(0.05).build());
    CASES.put(
        "adamAmsgrad",
        w ->
            Adam.builder(w.parameters())
                .learningRate(0.01)
                .betas(0.8, 0.95)
                .eps(1e-6)
                .amsgrad(true)
                .build());
    CASES.put("adamw", w -> AdamW.builder(w.parameters()).build());
    CASES.put(
        "adamwGroups",
        w ->
            AdamW.builder(w.parameters())
                .learningRate(0.02)
                .maximize(true)
                .group(
                    List.of(w.b(), w.c(), w.frozen()),
                    group -> group.learningRate(0.003).weightDecay(0.1).betas(0.85, 0.99))
                .build());
    CASES.put("adagrad", w -> Adagrad.builder(w.parameters()).build());
    CASES.put(
        "adagradDecay",
        w ->
            Adagrad.builder(w.parameters())
                .learningRate(0.1)
                .learningRateDecay(0.02)
                .weightDecay(0.01)
                .initialSum(0.5)
                .eps(1e-8)
                .build());
    CASES.put("rmsprop", w -> RMSprop.builder(w.parameters()).build());
    CASES.put(
        "rmspropCentered",
        w ->
            RMSprop.builder(w.parameters())
                .learningRate(0.003)
                .alpha(0.9)
                .eps(1e-6)
                .weightDecay(0.02)
                .momentum(0.7)
                .centered(true)
                .build());
    CASES.put("adafactor", w -> Adafactor.builder(w.parameters()).build());
    CASES.put(
        "adafactorOptions",
        w ->
            Adafactor.builder(w.parameters())
                .learningRate(0.05)
                .beta2Decay(-0.6)
                .eps(1e-5, 0.01)
                .threshold(1.5)
                .weightDecay(0.1)
                .maximize(true)
                .build());
  }

  private final Device device = Device.open("evaluator");

  @AfterEach
  void close() {
    device.close();
  }

  static Stream<String> cases() {
    return CASES.keySet().stream();
  }

  private static Path golden(String file) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  OptimizerExchangeTest.class.getResource("/io/lazytensor/optimizers/" + file))
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optimizer make(String name, Weights weights) {
    return Objects.requireNonNull(CASES.get(name)).apply(weights);
  }

  private Weights load(CheckpointValue values) {
    return device.load(Weights.create(), StateDicts.stateDict(values));
  }

  /** The gradient of the sum of products with numbers is these numbers. */
  private void train(
      Weights weights, Optimizer optimizer, CheckpointDict golden, int from, int to) {
    StateDict all = StateDicts.stateDict(golden.get("gradients"));
    for (int i = from; i < to; i++) {
      try (Step step = device.trainingStep("train")) {
        Tensor loss = null;
        for (Map.Entry<String, Parameter> each : weights.namedParameters().entrySet()) {
          if (!each.getValue().isFrozen()) {
            Tensor product = each.getValue().mul(gradient(all, each.getKey(), i)).sum();
            loss = loss == null ? product : loss.add(product);
          }
        }
        optimizer.step(gradients(Objects.requireNonNull(loss), weights));
        step.markStep();
      }
    }
  }

  private Tensor gradient(StateDict all, String name, int step) {
    float[] numbers = floats(all.toHost(name));
    int[] dims = all.toHost(name).shape().dims().toArray();
    int size = numbers.length / dims[0];
    float[] own = new float[size];
    System.arraycopy(numbers, step * size, own, 0, size);
    int[] rest = new int[dims.length - 1];
    System.arraycopy(dims, 1, rest, 0, rest.length);
    return device.tensor(own, rest);
  }

  private static float[] floats(HostBuffer buffer) {
    float[] out = new float[Math.toIntExact(buffer.shape().elementCount())];
    for (int i = 0; i < out.length; i++) {
      out[i] = buffer.data().getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
    }
    return out;
  }

  private static void assertClose(String what, StateDict expected, StateDict actual) {
    assertEquals(expected.entries().keySet(), actual.entries().keySet(), what);
    for (String name : expected.entries().keySet()) {
      float[] wanted = floats(expected.toHost(name));
      float[] got = floats(actual.toHost(name));
      assertEquals(wanted.length, got.length, what + " " + name);
      double largest = 0;
      for (float value : wanted) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int i = 0; i < wanted.length; i++) {
        double difference = Math.abs(wanted[i] - got[i]);
        assertTrue(
            difference <= TOLERANCE * largest,
            "%s %s[%d]: expected %s, got %s".formatted(what, name, i, wanted[i], got[i]));
      }
    }
  }

  private static void assertAsGolden(
      String name, CheckpointDict golden, Weights weights, Optimizer optimizer) {
    assertClose(name, StateDicts.stateDict(golden.get("final")), weights.stateDict());
    OptimizerState expected = Checkpoints.optimizerState(golden.get("final_optimizer"));
    OptimizerState actual = optimizer.state();
    assertEquals(expected.state().keySet(), actual.state().keySet(), name);
    expected
        .state()
        .forEach((index, values) ->
            assertClose(
                name + " state of " + index,
                values,
                Objects.requireNonNull(actual.state().get(index))));
    assertEquals(expected.groups(), actual.groups());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void twentyFiveStepsAreThoseOfPyTorch(String name) {
    CheckpointDict golden = Checkpoints.load(golden(name + ".pt")).asDict();
    Weights weights = load(golden.get("start"));
    Optimizer optimizer = make(name, weights);
    train(weights, optimizer, golden, 0, BEFORE + AFTER);
    assertAsGolden(name, golden, weights, optimizer);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aStateOfPyTorchGoesOnHere(String name) {
    CheckpointDict golden = Checkpoints.load(golden(name + ".pt")).asDict();
    Weights weights = load(golden.get("model"));
    Optimizer optimizer = make(name, weights);
    optimizer.load(Checkpoints.optimizerState(Checkpoints.load(golden(name + "-optimizer.pt"))));
    train(weights, optimizer, golden, BEFORE, BEFORE + AFTER);
    assertAsGolden(name, golden, weights, optimizer);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aStateThatWasReadIsWrittenAsPyTorchDid(String name) throws IOException {
    Weights weights = load(Checkpoints.load(golden(name + ".pt")).asDict().get("model"));
    Optimizer optimizer = make(name, weights);
    Path original = golden(name + "-optimizer.pt");
    optimizer.load(Checkpoints.optimizerState(Checkpoints.load(original)));
    Path copy = folder.resolve(name + "-optimizer.pt");
    Checkpoints.save(copy, Checkpoints.tree(optimizer.state()));
    assertEquals(records(original), records(copy));
  }

  private static Map<String, String> records(Path file) throws IOException {
    Map<String, String> out = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        if (!entry.getName().endsWith("serialization_id")) {
          try (InputStream in = zip.getInputStream(entry)) {
            out.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
          }
        }
      }
    }
    return out;
  }

  /** What {@code make_optimizer_goldens.py --check} goes on from. */
  @ParameterizedTest
  @MethodSource("cases")
  void aStateOfThisLibraryIsLeftForPyTorch(String name) {
    CheckpointDict golden = Checkpoints.load(golden(name + ".pt")).asDict();
    Weights weights = load(golden.get("start"));
    Optimizer optimizer = make(name, weights);
    train(weights, optimizer, golden, 0, BEFORE);
    Path part = folder.resolve("part.pt");
    Checkpoints.save(
        part,
        CheckpointDict.builder()
            .put("model", Checkpoints.tree(weights.stateDict()))
            .put("optimizer", Checkpoints.tree(optimizer.state()))
            .build());
    CheckpointDict saved = Checkpoints.load(part).asDict();
    train(weights, optimizer, golden, BEFORE, BEFORE + AFTER);
    Checkpoints.save(
        left().resolve(name + ".pt"),
        CheckpointDict.builder()
            .put("model", saved.get("model"))
            .put("optimizer", saved.get("optimizer"))
            .put("gradients", golden.get("gradients"))
            .put("final", Checkpoints.tree(weights.stateDict()))
            .build());
    assertAsGolden(name, golden, weights, optimizer);
  }

  @Test
  void averagesAndScalesGoBothWays() {
    CheckpointDict golden = Checkpoints.load(golden("extras.pt")).asDict();
    Linear model = device.initialize(Linear.of(3, 2), Seed.of(1));
    Linear average = device.initialize(Linear.of(3, 2), Seed.of(2));
    ExponentialMovingAverage ema = ExponentialMovingAverage.of(model, average, 0.9);
    GradScaler scaler = GradScaler.on(device).build();
    device.load(ema, StateDicts.stateDict(golden.get("ema")), LoadOptions.STRICT.convert(true));
    scaler.resume(PlainValues.plain(golden.get("scaler").asDict()));
    assertEquals(512, scaler.scale().toFloats()[0]);
    StateDict values = ema.stateDict();
    assertEquals(3, values.toHost("n_averaged").data().get(ValueLayout.JAVA_INT_UNALIGNED, 0));
    Optimizer optimizer = SGD.builder(model.parameters()).build();
    Path file = left().resolve("extras.pt");
    TrainingState state =
        TrainingState.builder(device)
            .layer("ema", ema)
            .optimizer("optimizer", optimizer)
            .with("scaler", scaler)
            .build();
    state.save(file);
    float[] saved = average.weight().toFloats();
    average.weight().load(HostBuffer.allocate(average.weight().shape()));
    state.restore(file);
    assertArrayEquals(saved, average.weight().toFloats());
    assertEquals(512, scaler.scale().toFloats()[0]);
  }

  private static Path left() {
    try {
      return Files.createDirectories(Path.of("target/optimizers"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file may hold anything: every part is made wrong once, and the optimizer keeps its state. */
  @Test
  void optionsAndPositionsThatMakeNoSenseAreRefused() {
    Weights weights = load(Checkpoints.load(golden("adamw.pt")).asDict().get("model"));
    OptimizerState good =
        Checkpoints.optimizerState(Checkpoints.load(golden("adamw-optimizer.pt")));
    for (String option : List.of("lr", "weight_decay", "eps")) {
      for (PlainValue wrong :
          List.of(PlainValue.of(-1.0), PlainValue.of(Double.NaN), PlainValue.of("x"))) {
        Optimizer optimizer = make("adamw", weights);
        var options = new LinkedHashMap<>(good.groups().getFirst().options());
        options.put(option, wrong);
        OptimizerState bad =
            new OptimizerState(
                List.of(new OptimizerState.Group(options, good.groups().getFirst().parameters())),
                good.state(),
                good.schedule());
        StateException e = assertThrows(StateException.class, () -> optimizer.load(bad));
        assertTrue(String.valueOf(e.getMessage()).contains("Nothing was loaded"), e.getMessage());
        assertEquals(0, optimizer.steps());
      }
    }
  }

  @Test
  void aScheduleThatNeedsAPositionIsNotResumedWithoutOne() {
    Weights weights = load(Checkpoints.load(golden("sgd.pt")).asDict().get("model"));
    OptimizerState saved = SGD.builder(weights.parameters()).build().state();
    Optimizer optimizer =
        SGD.builder(weights.parameters()).learningRate(ReduceOnPlateau.of(0.1)).build();
    StateException e = assertThrows(StateException.class, () -> optimizer.load(saved));
    assertTrue(
        String.valueOf(e.getMessage()).contains("positions of 0 schedules, the optimizer has 1"),
        e.getMessage());
  }

  @Test
  void anotherOptimizersStateIsRefusedWithAllReasons() {
    Weights weights = load(Checkpoints.load(golden("adam.pt")).asDict().get("model"));
    Optimizer optimizer = make("sgdMomentum", weights);
    OptimizerState state =
        Checkpoints.optimizerState(Checkpoints.load(golden("adam-optimizer.pt")));
    StateException e = assertThrows(StateException.class, () -> optimizer.load(state));
    String message = String.valueOf(e.getMessage());
    for (int i = 0; i < 3; i++) {
      assertTrue(message.contains("parameter " + i), message);
    }
    assertTrue(message.contains("has no momentum_buffer"), message);
    assertTrue(message.contains("unexpected states [exp_avg, exp_avg_sq]"), message);
    assertTrue(message.contains("Nothing was loaded"), message);
    assertEquals(0.05, optimizer.learningRate());
  }

  @Test
  void adamsStateIsNotAdamWs() {
    Weights weights = load(Checkpoints.load(golden("adam.pt")).asDict().get("model"));
    Optimizer optimizer = make("adamw", weights);
    OptimizerState state =
        Checkpoints.optimizerState(Checkpoints.load(golden("adam-optimizer.pt")));
    StateException e = assertThrows(StateException.class, () -> optimizer.load(state));
    assertTrue(String.valueOf(e.getMessage()).contains("the state is Adam's"), e.getMessage());
  }

  @Test
  void optionsThatNeedOtherStatesAreRefused() {
    Weights weights = load(Checkpoints.load(golden("adam.pt")).asDict().get("model"));
    Optimizer optimizer = Adam.builder(weights.parameters()).build();
    OptimizerState state =
        Checkpoints.optimizerState(Checkpoints.load(golden("adamAmsgrad-optimizer.pt")));
    StateException e = assertThrows(StateException.class, () -> optimizer.load(state));
    assertTrue(
        String.valueOf(e.getMessage())
            .contains("need the states [step, exp_avg, exp_avg_sq, max_exp_avg_sq]"),
        e.getMessage());
  }

  @Test
  void optionsOfTheStateAreTakenAndMakeAnotherGraphOnlyIfTheyDiffer() {
    CheckpointDict golden = Checkpoints.load(golden("adam.pt")).asDict();
    Weights weights = load(golden.get("model"));
    Optimizer optimizer = Adam.builder(weights.parameters()).learningRate(3).build();
    OptimizerState state =
        Checkpoints.optimizerState(Checkpoints.load(golden("adam-optimizer.pt")));
    optimizer.load(state);
    assertEquals(0.01, optimizer.learningRate());
    assertEquals(BEFORE, optimizer.steps());
    train(weights, optimizer, golden, BEFORE, BEFORE + AFTER);
    assertAsGolden("adam", golden, weights, optimizer);
    assertEquals(1, device.report().graphs());
  }

  @Test
  void unequalCountsOfAGroupAreRefused() {
    Weights weights = load(Checkpoints.load(golden("adam.pt")).asDict().get("model"));
    Optimizer optimizer = make("adam", weights);
    CheckpointDict tree = Checkpoints.load(golden("adam-optimizer.pt")).asDict();
    CheckpointDict.Builder states = CheckpointDict.builder();
    List<CheckpointValue> counts = new ArrayList<>();
    tree.get("state")
        .asDict()
        .entries()
        .forEach((index, values) -> {
          CheckpointDict.Builder entry = CheckpointDict.builder();
          values.asDict().entries().forEach(entry::put);
          entry.put("step", 5 + index.asLong());
          counts.add(index);
          states.put(index, entry.build());
        });
    assertEquals(3, counts.size());
    OptimizerState state =
        Checkpoints.optimizerState(
            CheckpointDict.builder()
                .put("state", states.build())
                .put("param_groups", tree.get("param_groups"))
                .build());
    StateException e = assertThrows(StateException.class, () -> optimizer.load(state));
    assertTrue(String.valueOf(e.getMessage()).contains("were stepped 5.0 to 7.0 times"));
  }
}
