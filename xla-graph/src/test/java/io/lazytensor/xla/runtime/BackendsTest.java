package io.lazytensor.xla.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackendsTest {
  private static final BackendProvider MISSING =
      new BackendProvider() {
        @Override
        public String name() {
          return "neuron";
        }

        @Override
        public Availability availability() {
          return new Availability.Unavailable("libnrt.so.1 is missing.", "Install it.");
        }

        @Override
        public Backend open(BackendOptions options) {
          throw new AssertionError("an unavailable backend is never opened");
        }
      };

  private static String refusal(String name, BackendProvider... providers) {
    DeviceException e =
        assertThrows(
            DeviceException.class, () -> Backends.open(name, Map.of(), List.of(providers)));
    return String.valueOf(e.getMessage());
  }

  @Test
  void backendsOfThisModuleAreFound() {
    List<String> names = Backends.providers().stream().map(BackendProvider::name).toList();
    assertEquals(List.of("dry-run", "evaluator"), names);
  }

  @Test
  void aDeviceIsNamedByBackendAndIndex() {
    assertEquals(0, Backends.open("evaluator").device());
    assertEquals(0, Backends.open("evaluator:0").device());
    String message = refusal("dry-run:3", new DryRunProvider());
    assertTrue(message.contains("\"dry-run:3\" does not exist: dry-run has 1"), message);
  }

  @Test
  void anUnknownDeviceListsTheKnownOnesAndWhyTheyAreMissing() {
    String message = refusal("gpu", new DryRunProvider(), MISSING);
    assertTrue(message.contains("unknown device \"gpu\""), message);
    assertTrue(message.contains("dry-run: available"), message);
    assertTrue(
        message.contains("neuron: unavailable: libnrt.so.1 is missing. Install it."), message);
  }

  @Test
  void anUnavailableDeviceSaysWhyAndWhatToDo() {
    assertTrue(refusal("neuron:1", MISSING).contains("libnrt.so.1 is missing. Install it."));
  }

  @Test
  void cpuWithoutACpuBackendNamesTheDependency() {
    String message = refusal("cpu", new DryRunProvider());
    assertTrue(message.contains("io.github.lazytensor:cpu-reference-backend"), message);
  }
}
