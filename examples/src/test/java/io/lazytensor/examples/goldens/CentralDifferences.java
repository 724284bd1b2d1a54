package io.lazytensor.examples.goldens;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.Parameter;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.F;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/** Compares the gradients of a case with central differences, all in {@code f64}. */
final class CentralDifferences {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;

  /** Inputs that have gradients. */
  private record Leaves(SequencedMap<String, Object> members) implements Layer {}

  private final Device device;
  private final Golden golden;
  private final GoldenTable.Prepared call;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  private CentralDifferences(Device device, Golden golden, GoldenTable.Prepared call) {
    this.device = device;
    this.golden = golden;
    this.call = call;
  }

  static void check(Device device, Golden golden, GoldenTable.Prepared call) {
    new CentralDifferences(device, golden, call).check();
  }

  private void check() {
    SequencedMap<String, double[]> at = new LinkedHashMap<>();
    golden
        .inputs()
        .forEach((name, value) -> {
          if (golden.has("d" + name)) {
            at.put(name, value.values().clone());
            parameters.put(name, Parameter.of(Initializer.zeros(), wide(value)));
          }
        });
    load(at);
    Map<String, double[]> gradients = gradients();
    at.forEach((name, values) -> {
      for (int i = 0; i < values.length; i++) {
        double here = values[i];
        values[i] = here + STEP;
        double above = loss(at);
        values[i] = here - STEP;
        double below = loss(at);
        values[i] = here;
        double expected = (above - below) / (2 * STEP);
        double actual = Objects.requireNonNull(gradients.get(name))[i];
        String what = golden.name() + ".d" + name + "[" + i + "]: expected " + expected;
        assertTrue(
            Math.abs(expected - actual) <= TOLERANCE * (1 + Math.abs(expected)),
            what + ", got " + actual);
      }
    });
  }

  private static ArrayShape wide(GoldenArray value) {
    return new ArrayShape(DType.F64, value.shape().dims());
  }

  private void load(Map<String, double[]> at) {
    SequencedMap<String, HostBuffer> values = new LinkedHashMap<>();
    at.forEach((name, value) ->
        values.put(
            name,
            new GoldenArray(wide(Objects.requireNonNull(golden.inputs().get(name))), value)
                .toHost()));
    device.load(new Leaves(new LinkedHashMap<>(parameters)), StateDict.ofHost(values));
  }

  private Tensor loss() {
    Map<String, Tensor> tensors = new LinkedHashMap<>(parameters);
    golden
        .inputs()
        .forEach((name, value) -> {
          if (!tensors.containsKey(name)) {
            boolean floating = value.shape().dtype().isFloating();
            ArrayShape shape = floating ? wide(value) : value.shape();
            tensors.put(name, device.tensor(new GoldenArray(shape, value.values()).toHost()));
          }
        });
    List<String> names = List.copyOf(golden.inputs().keySet());
    List<Tensor> results = call.function().apply(new GoldenInputs(device, names, tensors));
    List<Tensor> losses = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      String g = i == 0 ? "g" : "g" + i;
      if (golden.has(g)) {
        GoldenArray given = golden.expected(g);
        Tensor weights = device.tensor(new GoldenArray(wide(given), given.values()).toHost());
        losses.add(results.get(i).to(DType.F64).mul(weights).sum());
      }
    }
    return losses.stream().reduce(Tensor::add).orElseThrow();
  }

  private double loss(Map<String, double[]> at) {
    load(at);
    try (Step step = device.trainingStep(golden.name() + " forward")) {
      Fetch<HostBuffer> value = step.fetch(loss());
      step.markStep();
      return GoldenArray.of(value.get()).values()[0];
    }
  }

  private Map<String, double[]> gradients() {
    Map<String, Fetch<HostBuffer>> fetched = new LinkedHashMap<>();
    try (Step step = device.trainingStep(golden.name() + " backward")) {
      var gradients = F.gradients(loss(), List.copyOf(parameters.values()));
      parameters.forEach(
          (name, parameter) -> fetched.put(name, step.fetch(gradients.of(parameter))));
      step.markStep();
    }
    Map<String, double[]> out = new LinkedHashMap<>();
    fetched.forEach((name, value) -> out.put(name, GoldenArray.of(value.get()).values()));
    return out;
  }
}
