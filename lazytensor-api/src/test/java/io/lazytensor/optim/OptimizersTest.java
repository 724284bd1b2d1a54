package io.lazytensor.optim;

import static io.lazytensor.nn.F.gradients;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Devices;
import io.lazytensor.Gradients;
import io.lazytensor.Parameter;
import io.lazytensor.RecordingException;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.xla.eval.EvaluatorBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Optimizers on a device. Those PyTorch has are compared with it, states included, where states are
 * exchanged: {@code OptimizerExchangeTest} of the module checkpoint.
 */
class OptimizersTest {
  private static final Map<String, double[]> GOLDENS = OptimGoldens.optimizers();
  private static final int STEPS = 20;
  private static final double TOLERANCE = 2e-6;

  private final EvaluatorBackend backend = new EvaluatorBackend();
  private Device device = Device.on(backend);

  record Weights(Parameter w) implements Layer {}

  record Pair(Parameter first, Parameter second) implements Layer {}

  @AfterEach
  void close() {
    device.close();
  }

  private Weights weights(float... values) {
    Parameter w = Parameter.of(Initializer.values(values), 3, values.length / 3);
    return device.initialize(new Weights(w), Seed.of(1));
  }

  /** The gradient of the sum of products with numbers is these numbers. */
  private void step(Weights weights, Optimizer optimizer, float... gradient) {
    try (Step step = device.trainingStep("train")) {
      Tensor numbers = device.tensor(gradient, 3, gradient.length / 3);
      optimizer.step(gradients(weights.w().mul(numbers).sum(), weights));
      step.markStep();
    }
  }

  static Stream<Arguments> optimizers() {
    OneCycle cycle = OneCycle.of(0.05, STEPS);
    return Stream.of(
        arguments("lamb", w -> LAMB.builder(w).learningRate(0.02).build()),
        arguments(
            "lambPlain",
            w -> LAMB.builder(w).learningRate(0.02).betas(0.8, 0.95).weightDecay(0).build()),
        arguments(
            "lambAlways",
            w -> LAMB.builder(w).learningRate(0.02).weightDecay(0).scaleWithoutDecay(true).build()),
        arguments(
            "lars",
            w ->
                LARS.builder(w)
                    .learningRate(0.5)
                    .momentum(0.9)
                    .weightDecay(0.01)
                    .trust(0.02)
                    .build()),
        arguments(
            "larsNesterov",
            w -> LARS.builder(w).learningRate(0.5).momentum(0.9).nesterov(true).trust(0.1).build()),
        arguments(
            "cycledSgd",
            w ->
                SGD.builder(w)
                    .learningRate(cycle.rate())
                    .momentum(cycle.momentum())
                    .nesterov(true)
                    .build()),
        arguments(
            "cycledAdamw",
            w -> AdamW.builder(w).learningRate(cycle.rate()).beta1(cycle.momentum()).build()),
        arguments(
            "cycledRmsprop",
            w -> RMSprop.builder(w).learningRate(cycle.rate()).momentum(cycle.momentum()).build()));
  }

  private static Arguments arguments(String name, Function<List<Parameter>, Optimizer> make) {
    return Arguments.of(name, make);
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void twentyStepsAreThoseOfTheFormula(String name, Function<List<Parameter>, Optimizer> make) {
    Weights weights = weights(OptimGoldens.floats(OptimGoldens.get(GOLDENS, name + ".p0")));
    Optimizer optimizer = make.apply(weights.parameters());
    float[] all = OptimGoldens.floats(OptimGoldens.get(GOLDENS, name + ".g"));
    int size = all.length / STEPS;
    for (int i = 0; i < STEPS; i++) {
      step(weights, optimizer, Arrays.copyOfRange(all, i * size, (i + 1) * size));
    }
    double[] expected = OptimGoldens.get(GOLDENS, name + ".p20");
    float[] actual = weights.w().toFloats();
    double tolerance = TOLERANCE * OptimGoldens.largest(expected);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance, name + "[" + i + "]");
    }
    // Neither rates nor momenta that change make another graph.
    assertEquals(1, device.report().graphs());
  }

  /** A gradient of zeros with a weight of zeros leaves it, where formulas divide by norms. */
  @ParameterizedTest
  @MethodSource("all")
  void zerosStayZeros(Function<List<Parameter>, Optimizer> make) {
    Weights weights = weights(new float[6]);
    Optimizer optimizer = make.apply(weights.parameters());
    step(weights, optimizer, new float[6]);
    step(weights, optimizer, new float[6]);
    assertArrayEquals(new float[6], weights.w().toFloats());
  }

  static Stream<Function<List<Parameter>, Optimizer>> all() {
    return Stream.of(
        w -> SGD.builder(w).momentum(0.9).build(),
        w -> Adam.builder(w).build(),
        w -> AdamW.builder(w).build(),
        w -> Adagrad.builder(w).build(),
        w -> RMSprop.builder(w).centered(true).momentum(0.5).build(),
        w -> Adafactor.builder(w).build(),
        w -> LAMB.builder(w).build(),
        w -> LARS.builder(w).momentum(0.9).weightDecay(0.1).build());
  }

  @ParameterizedTest
  @MethodSource("all")
  void aStateThatIsLoadedIsTheOneThatWasGiven(Function<List<Parameter>, Optimizer> make) {
    Weights weights = weights(1, 2, 3, 4, 5, 6);
    Optimizer optimizer = make.apply(weights.parameters());
    step(weights, optimizer, 1, -1, 2, -2, 3, -3);
    OptimizerState saved = optimizer.state();
    List<float[]> values = states(optimizer);
    float[] before = weights.w().toFloats();
    device.load(weights, weights.stateDict().toHost());
    Optimizer other = make.apply(weights.parameters());
    other.load(saved);
    assertEquals(1, other.steps());
    List<float[]> loaded = states(other);
    for (int i = 0; i < values.size(); i++) {
      assertArrayEquals(values.get(i), loaded.get(i));
    }
    step(weights, other, 3, 2, 1, 0, -1, -2);
    float[] resumed = weights.w().toFloats();
    Weights again = weights(before);
    optimizer = make.apply(again.parameters());
    optimizer.load(saved);
    step(again, optimizer, 3, 2, 1, 0, -1, -2);
    assertArrayEquals(resumed, again.w().toFloats());
  }

  private static List<float[]> states(Optimizer optimizer) {
    List<float[]> out = new ArrayList<>();
    optimizer.states().values().forEach(state -> out.add(state.toFloats()));
    return out;
  }

  @Test
  void groupsHaveSettingsOfTheirOwn() {
    Pair pair =
        device.initialize(
            new Pair(Parameter.of(Initializer.ones(), 2), Parameter.of(Initializer.ones(), 2)),
            Seed.of(1));
    Optimizer optimizer =
        SGD.builder(pair.parameters())
            .learningRate(0.5)
            .group(
                List.of(pair.second()), group -> group.learningRate(Schedules.exponential(1, 0.5)))
            .build();
    for (int i = 0; i < 2; i++) {
      try (Step step = device.trainingStep("train")) {
        optimizer.step(gradients(pair.first().add(pair.second()).sum(), pair));
        step.markStep();
      }
    }
    assertArrayEquals(new float[] {0, 0}, pair.first().toFloats());
    assertArrayEquals(new float[] {-0.5f, -0.5f}, pair.second().toFloats());
    assertEquals(List.of(0.5, 0.25), optimizer.learningRates());
  }

  @Test
  void aStateIsNotLoadedIntoAnOpenRecording() {
    Weights weights = weights(1, 2, 3);
    Optimizer optimizer = AdamW.builder(weights.parameters()).build();
    OptimizerState state = optimizer.state();
    try (Step step = device.trainingStep("train")) {
      optimizer.step(gradients(weights.w().sum(), weights));
      assertThrows(RecordingException.class, () -> optimizer.load(state));
      step.markStep();
    }
  }

  @Test
  void anUntrainedOptimizerHasNoStateAsInPyTorch() {
    Weights weights = weights(1, 2, 3);
    assertTrue(AdamW.builder(weights.parameters()).build().state().state().isEmpty());
    assertEquals(1, Adagrad.builder(weights.parameters()).build().state().state().size());
  }

  @Test
  void elementsOfGradientsAreLimited() {
    Weights weights = weights(0, 0, 0);
    Optimizer optimizer = SGD.builder(weights.parameters()).learningRate(1).build();
    try (Step step = device.trainingStep("train")) {
      Tensor numbers = device.tensor(new float[] {-7, 0.25f, 3}, 3, 1);
      Gradients g = gradients(weights.w().mul(numbers).sum(), weights);
      optimizer.step(g.clipValue(0.5));
      step.markStep();
    }
    assertArrayEquals(new float[] {0.5f, -0.25f, -0.5f}, weights.w().toFloats());
  }

  // ---- loss scales ------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void scalesGrowAndShrinkAsPyTorchsAndOverflowsAreSkipped(RecordMode mode) {
    device.close();
    EvaluatorBackend counted = new EvaluatorBackend();
    device = Devices.on(counted, mode);
    Weights weights = weights(1, 1, 1);
    GradScaler scaler = GradScaler.on(device).scale(1024).interval(3).build();
    Optimizer optimizer = AdamW.builder(weights.parameters()).learningRate(0.01).build();
    double[] overflow = OptimGoldens.get(GOLDENS, "scale.overflow");
    double[] scales = OptimGoldens.get(GOLDENS, "scale.scale");
    int skipped = 0;
    for (int i = 0; i < overflow.length; i++) {
      List<float[]> before = states(optimizer);
      float[] w = weights.w().toFloats();
      float slope = overflow[i] == 0 ? 2 : Float.POSITIVE_INFINITY;
      try (Step step = device.trainingStep("train")) {
        Tensor loss = weights.w().mul(device.tensor(new float[] {1, slope, 3}, 3, 1)).sum();
        Gradients scaled = gradients(scaler.scale(loss), weights);
        scaler.step(optimizer, scaled, g -> g.clipNorm(1));
        scaler.update();
        step.markStep();
      }
      boolean kept = Arrays.equals(w, weights.w().toFloats());
      assertEquals(overflow[i] != 0, kept, "step " + i);
      assertEquals(kept, same(before, states(optimizer)), "step " + i);
      skipped += kept ? 1 : 0;
      assertEquals(scales[i], scaler.scale().toFloats()[0], "step " + i);
      assertEquals(
          (long) OptimGoldens.get(GOLDENS, "scale.tracker")[i],
          java.util.Objects.requireNonNull(scaler.position().get("_growth_tracker")).asLong());
    }
    assertEquals(3, skipped);
    assertEquals("Int[value=3]", String.valueOf(scaler.position().get("skipped")));
    assertEquals(1, counted.compiles());
  }

  private static boolean same(List<float[]> a, List<float[]> b) {
    boolean same = true;
    for (int i = 0; i < a.size(); i++) {
      same &= Arrays.equals(a.get(i), b.get(i));
    }
    return same;
  }

  @Test
  void aScaledStepIsThePlainOne() {
    Weights plain = weights(1, 2, 3);
    Weights scaledWeights = weights(1, 2, 3);
    Optimizer first = SGD.builder(plain.parameters()).learningRate(0.125).build();
    Optimizer second = SGD.builder(scaledWeights.parameters()).learningRate(0.125).build();
    step(plain, first, 1, 2, 3);
    GradScaler scaler = GradScaler.on(device).build();
    try (Step step = device.trainingStep("scaled")) {
      Tensor numbers = device.tensor(new float[] {1, 2, 3}, 3, 1);
      Tensor loss = scaler.scale(scaledWeights.w().mul(numbers).sum());
      scaler.step(second, gradients(loss, scaledWeights));
      scaler.update();
      step.markStep();
    }
    assertArrayEquals(plain.w().toFloats(), scaledWeights.w().toFloats());
  }

  @Test
  void aScaleIsUpdatedOnlyAfterAStep() {
    GradScaler scaler = GradScaler.on(device).build();
    try (Step step = device.trainingStep("train")) {
      assertThrows(RecordingException.class, scaler::update);
      step.discard();
    }
  }

  @Test
  void aScaleGoesOnFromItsPosition() {
    GradScaler scaler = GradScaler.on(device).scale(256).build();
    GradScaler other = GradScaler.on(device).build();
    other.resume(scaler.position());
    assertEquals(scaler.position(), other.position());
    assertThrows(
        io.lazytensor.StateException.class, () -> other.resume(new java.util.LinkedHashMap<>()));
  }

  // ---- averages ---------------------------------------------------------------------------------

  @Test
  void averagesFollowAsPyTorchs() {
    Weights model = weights(OptimGoldens.floats(OptimGoldens.get(GOLDENS, "average.start")));
    Weights average = weights(new float[6]);
    ExponentialMovingAverage ema = ExponentialMovingAverage.of(model, average, 0.9);
    for (int i = 0; i < 5; i++) {
      float[] now = OptimGoldens.floats(OptimGoldens.get(GOLDENS, "average.w" + i));
      try (Step step = device.trainingStep("train")) {
        model.w().assign(device.tensor(now, 3, 2));
        ema.update();
        step.markStep();
      }
      double[] expected = OptimGoldens.get(GOLDENS, "average.a" + i);
      float[] actual = average.w().toFloats();
      for (int k = 0; k < expected.length; k++) {
        assertEquals(expected[k], actual[k], 2e-7, "update " + i);
      }
    }
    assertEquals(
        List.of("n_averaged", "module.w"), List.copyOf(ema.stateDict().entries().keySet()));
    assertEquals(1, device.report().graphs());
    assertTrue(average.w().isFrozen());
  }

  @Test
  void anAverageHasThePartsOfItsModel() {
    Weights model = weights(1, 2, 3);
    assertThrows(
        io.lazytensor.nn.LayerException.class,
        () -> ExponentialMovingAverage.of(model, weights(1, 2, 3, 4, 5, 6), 0.9));
    assertThrows(
        io.lazytensor.nn.LayerException.class,
        () -> ExponentialMovingAverage.of(model, model, 0.9));
  }
}
