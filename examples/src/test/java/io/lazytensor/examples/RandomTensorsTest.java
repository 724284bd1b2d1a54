package io.lazytensor.examples;

import static io.lazytensor.nn.F.bernoulli;
import static io.lazytensor.nn.F.randLike;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.DeviceOptions;
import io.lazytensor.Fetch;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.xla.ir.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same seed gives the same random tensors on every device. */
class RandomTensorsTest {
  private static final int N = 501;

  private record Drawn(
      float[] uniform, float[] like, float[] normal, int[] integers, float[] coins, int[] order) {}

  static List<String> devices() {
    List<String> devices = new ArrayList<>(List.of("evaluator", "cpu-reference"));
    devices.addAll(PjrtPlugins.devices());
    return devices;
  }

  private static Drawn draw(String name, int seed, int skipped) {
    try (Device device = Device.open(name, DeviceOptions.DEFAULT.withoutExecutableCache())) {
      device.seed(Seed.of(seed));
      for (int i = 0; i < skipped; i++) {
        drawn(device);
      }
      return drawn(device);
    }
  }

  private static Drawn drawn(Device device) {
    try (Step step = device.trainingStep("draw")) {
      Fetch<float[]> uniform = step.fetchFloats(device.rand(N));
      Fetch<float[]> like = step.fetchFloats(randLike(device.zeros(3, 7)));
      Fetch<float[]> normal = step.fetchFloats(device.randn(N));
      Fetch<int[]> integers = step.fetchInts(device.randint(-3, 4, N));
      Fetch<float[]> coins = step.fetchFloats(bernoulli(device.full(0.3, DType.F32, N)));
      Fetch<int[]> order = step.fetchInts(device.randperm(N));
      step.markStep();
      return new Drawn(
          uniform.get(), like.get(), normal.get(), integers.get(), coins.get(), order.get());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void numbersAreThoseOfTheEvaluator(String device) {
    Drawn expected = draw("evaluator", 5, 1);
    Drawn actual = draw(device, 5, 1);
    assertArrayEquals(expected.uniform(), actual.uniform());
    assertArrayEquals(expected.like(), actual.like());
    assertArrayEquals(expected.integers(), actual.integers());
    assertArrayEquals(expected.coins(), actual.coins());
    assertArrayEquals(expected.order(), actual.order());
    // Logarithm and cosine differ by some units in the last place.
    assertArrayEquals(expected.normal(), actual.normal(), 2e-6f);
  }

  @Test
  void numbersHaveTheirDistributions() {
    Drawn drawn = draw("cpu-reference", 9, 0);
    assertEquals(0.5, mean(drawn.uniform()), 0.05);
    assertEquals(0, mean(drawn.normal()), 0.15);
    assertEquals(0.3, mean(drawn.coins()), 0.07);
    for (float value : drawn.uniform()) {
      assertTrue(value >= 0 && value < 1);
    }
    int[] kinds = Arrays.stream(drawn.integers()).distinct().sorted().toArray();
    assertArrayEquals(IntStream.range(-3, 4).toArray(), kinds);
    assertFalse(Arrays.equals(IntStream.range(0, N).toArray(), drawn.order()));
    assertArrayEquals(
        IntStream.range(0, N).toArray(), Arrays.stream(drawn.order()).sorted().toArray());
  }

  private static double mean(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElseThrow();
  }

  @Test
  void everyStepAndSeedHasItsOwn() {
    Drawn first = draw("cpu-reference", 9, 0);
    assertFalse(Arrays.equals(first.uniform(), draw("cpu-reference", 9, 1).uniform()));
    assertFalse(Arrays.equals(first.uniform(), draw("cpu-reference", 10, 0).uniform()));
  }
}
