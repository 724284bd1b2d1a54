package io.lazytensor.examples.goldens;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.Gradients;
import io.lazytensor.Parameter;
import io.lazytensor.Step;
import io.lazytensor.Stored;
import io.lazytensor.Tensor;
import io.lazytensor.nn.F;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;

/** Runs a case on a device and compares what comes out. */
final class GoldenRun {
  /** Inputs that have gradients. */
  private record Leaves(SequencedMap<String, Object> members) implements Layer {}

  private final Device device;
  private final Golden golden;
  private final GoldenTable.Prepared call;
  // What has gradients or states, by its name in the file.
  private final Map<String, Stored> stored = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Fetch<HostBuffer>> fetched = new LinkedHashMap<>();

  private GoldenRun(Device device, Golden golden, GoldenTable.Prepared call) {
    this.device = device;
    this.golden = golden;
    this.call = call;
  }

  static void check(Device device, Golden golden, GoldenTable.Prepared call) {
    GoldenRun run = new GoldenRun(device, golden, call);
    run.load();
    run.record();
    run.compare();
  }

  private void load() {
    stored.putAll(call.layer().namedMembers());
    device.load(call.layer(), values(stored.keySet().stream().toList()));
    SequencedMap<String, Object> leaves = new LinkedHashMap<>();
    golden
        .inputs()
        .forEach((name, value) -> {
          if (stored.containsKey(name)) {
            return;
          }
          if (golden.has("d" + name)) {
            leaves.put(name, Parameter.of(Initializer.zeros(), value.shape()));
          } else {
            tensors.put(name, device.tensor(value.toHost()));
          }
        });
    Leaves layer = device.load(new Leaves(leaves), values(List.copyOf(leaves.keySet())));
    stored.putAll(layer.namedMembers());
    layer.namedMembers().forEach(tensors::put);
  }

  private StateDict values(List<String> names) {
    SequencedMap<String, HostBuffer> values = new LinkedHashMap<>();
    for (String name : names) {
      GoldenArray value = golden.inputs().get(name);
      Assertions.assertNotNull(value, golden.name() + " has no " + name);
      values.put(name, value.toHost());
    }
    return StateDict.ofHost(values);
  }

  private static String numbered(String name, int index) {
    return index == 0 ? name : name + index;
  }

  private void record() {
    List<String> names = golden.inputs().keySet().stream().filter(tensors::containsKey).toList();
    try (Step step = device.trainingStep(golden.name())) {
      List<Tensor> results = call.function().apply(new GoldenInputs(device, names, tensors));
      for (int i = 0; i < results.size(); i++) {
        fetched.put(numbered("y", i), step.fetch(results.get(i)));
      }
      differentiate(step, results);
      step.markStep();
    }
  }

  private void differentiate(Step step, List<Tensor> results) {
    Map<String, Parameter> wanted = new LinkedHashMap<>();
    stored.forEach((name, member) -> {
      if (member instanceof Parameter parameter && golden.has("d" + name)) {
        wanted.put(name, parameter);
      }
    });
    if (wanted.isEmpty()) {
      return;
    }
    List<Tensor> losses = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      if (golden.has(numbered("g", i))) {
        Tensor given = device.tensor(golden.expected(numbered("g", i)).toHost());
        losses.add(results.get(i).mul(given).sum());
      }
    }
    Tensor loss = losses.stream().reduce(Tensor::add).orElseThrow();
    Gradients gradients = F.gradients(loss, List.copyOf(wanted.values()));
    wanted.forEach(
        (name, parameter) -> fetched.put("d" + name, step.fetch(gradients.of(parameter))));
  }

  private void compare() {
    Map<String, HostBuffer> results = new TreeMap<>();
    fetched.forEach((name, value) -> results.put(name, value.get()));
    stored.forEach((name, member) -> {
      if (golden.has("after." + name)) {
        results.put("after." + name, member.toHost());
      }
    });
    Assertions.assertEquals(golden.compared(), results.keySet(), golden.name());
    results.forEach((name, value) -> Tolerance.check(golden, name, GoldenArray.of(value)));
  }
}
