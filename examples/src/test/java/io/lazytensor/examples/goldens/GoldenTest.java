package io.lazytensor.examples.goldens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.Device;
import io.lazytensor.DeviceOptions;
import io.lazytensor.examples.PjrtPlugins;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case of a golden file on every device, against a real PyTorch. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GoldenTest {
  private final Map<String, Golden> goldens;
  private final GoldenTable table;
  private final Map<String, Device> open = new HashMap<>();

  /**
   * Reads the cases.
   *
   * @param file beside this class
   * @param table what to call for each case
   */
  GoldenTest(String file, GoldenTable table) {
    this.goldens = Golden.read(file);
    this.table = table;
  }

  private static List<String> devices() {
    List<String> devices = new ArrayList<>(List.of("evaluator", "cpu-reference"));
    PjrtPlugins.devices().stream().limit(1).forEach(devices::add);
    return devices;
  }

  Stream<Arguments> runs() {
    return devices().stream()
        .flatMap(device -> goldens.keySet().stream().map(name -> Arguments.of(device, name)));
  }

  @Test
  void everyCaseIsInTheTable() {
    assertEquals(new TreeSet<>(goldens.keySet()), new TreeSet<>(table.calls().keySet()));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("runs")
  void agreesWithPyTorch(String device, String name) {
    GoldenRun.check(
        open.computeIfAbsent(device, GoldenTest::open),
        Objects.requireNonNull(goldens.get(name)),
        Objects.requireNonNull(table.calls().get(name), name + " is not in the table").get());
  }

  /** Returns the cases of functions, without a layer, that have gradients. */
  final Stream<Golden> differentiable() {
    return goldens.values().stream()
        .filter(golden -> golden.has("g") && table.isFunction(golden.name()));
  }

  /** Compares a case's gradients with central differences on the evaluator. */
  final void checkDifferences(String name) {
    CentralDifferences.check(
        open.computeIfAbsent("evaluator", GoldenTest::open),
        Objects.requireNonNull(goldens.get(name)),
        Objects.requireNonNull(table.calls().get(name)).get());
  }

  private static Device open(String name) {
    return Device.open(name, DeviceOptions.DEFAULT.withoutExecutableCache());
  }

  @AfterAll
  void close() {
    open.values().forEach(Device::close);
  }
}
