package io.lazytensor.examples;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gelu;
import static io.lazytensor.nn.F.gradients;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.Device;
import io.lazytensor.Parameter;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.Adafactor;
import io.lazytensor.optim.Adagrad;
import io.lazytensor.optim.Adam;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.ExponentialMovingAverage;
import io.lazytensor.optim.GradScaler;
import io.lazytensor.optim.LAMB;
import io.lazytensor.optim.LARS;
import io.lazytensor.optim.OneCycle;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.RMSprop;
import io.lazytensor.optim.SGD;
import io.lazytensor.xla.runtime.PluginFolder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every optimizer, with a loss scale and averaged weights, on every device against the evaluator.
 */
class OptimizersOnDevicesTest {
  private static final OneCycle CYCLE = OneCycle.of(0.02, 8);
  private static final Map<String, Function<List<Parameter>, Optimizer>> OPTIMIZERS =
      new LinkedHashMap<>();

  static {
    OPTIMIZERS.put(
        "SGD",
        p ->
            SGD.builder(p)
                .learningRate(CYCLE.rate())
                .momentum(CYCLE.momentum())
                .dampening(0.1)
                .build());
    OPTIMIZERS.put("Adam", p -> Adam.builder(p).weightDecay(0.1).amsgrad(true).build());
    OPTIMIZERS.put("AdamW", p -> AdamW.builder(p).beta1(CYCLE.momentum()).build());
    OPTIMIZERS.put("Adagrad", p -> Adagrad.builder(p).learningRateDecay(0.1).build());
    OPTIMIZERS.put("RMSprop", p -> RMSprop.builder(p).centered(true).momentum(0.5).build());
    OPTIMIZERS.put("Adafactor", p -> Adafactor.builder(p).weightDecay(0.1).build());
    OPTIMIZERS.put("LAMB", p -> LAMB.builder(p).build());
    OPTIMIZERS.put("LARS", p -> LARS.builder(p).momentum(0.9).weightDecay(0.1).build());
  }

  record Net(Linear first, Linear second) implements Layer {
    static Net create() {
      return new Net(Linear.of(3, 8), Linear.of(8, 2));
    }

    Tensor forward(Tensor x) {
      return second.forward(gelu(first.forward(x)));
    }
  }

  static Stream<String> optimizers() {
    return OPTIMIZERS.keySet().stream();
  }

  static Stream<Arguments> runsOnPlugins() {
    return PluginFolder.user().installed().stream()
        .flatMap(plugin -> optimizers().map(name -> Arguments.of("pjrt:" + plugin.alias(), name)));
  }

  private record Result(float[] weights, float[] average) {}

  private static Result train(String deviceName, String name) {
    try (Device device = Device.open(deviceName)) {
      Net net = device.initialize(Net.create(), Seed.of(3));
      Net average = device.load(Net.create(), net.stateDict());
      ExponentialMovingAverage ema = ExponentialMovingAverage.of(net, average, 0.5);
      Optimizer optimizer = Objects.requireNonNull(OPTIMIZERS.get(name)).apply(net.parameters());
      GradScaler scaler = GradScaler.on(device).scale(256).interval(2).build();
      for (int i = 0; i < 6; i++) {
        // The fourth step overflows and is skipped.
        float first = i == 3 ? Float.POSITIVE_INFINITY : 0.5f * i;
        try (Step step = device.trainingStep("train")) {
          Tensor x = device.tensor(new float[] {first, 1, -1, 0.25f, -i, 2}, 2, 3);
          Tensor loss = crossEntropy(net.forward(x), device.tensor(new int[] {0, 1}, 2));
          scaler.step(optimizer, gradients(scaler.scale(loss), net), g -> g.clipValue(0.5));
          scaler.update();
          ema.update();
          step.markStep();
        }
      }
      assertEquals("Int[value=1]", String.valueOf(scaler.position().get("skipped")));
      assertEquals(1, device.report().graphs());
      return new Result(net.first().weight().toFloats(), average.first().weight().toFloats());
    }
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void sixStepsOnLibtorchAreThoseOfTheEvaluator(String name) {
    compare("cpu-reference", name);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("runsOnPlugins")
  @Tag("full")
  void sixStepsOnPluginsAreThoseOfTheEvaluator(String device, String name) {
    compare(device, name);
  }

  private static void compare(String device, String name) {
    Result expected = train("evaluator", name);
    Result actual = train(device, name);
    assertClose(expected.weights(), actual.weights());
    assertClose(expected.average(), actual.average());
  }

  private static void assertClose(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-5, "element " + i);
    }
  }
}
