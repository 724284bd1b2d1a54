package io.lazytensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.internal.record.RecordLimits;
import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.xla.runtime.PersistentCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs that an earlier process compiled. */
class PersistentExecutablesTest {
  @TempDir Path root;
  private Path folder = Path.of("");

  @BeforeEach
  void name() {
    folder = root.resolve("executables");
  }

  /** One process: two steps under one name, one under another. Returns what the device did. */
  private DeviceReport start(SerializingBackend backend) {
    try (Device device =
        Device.open(
            "serializing",
            backend,
            0,
            RecordMode.TRIE,
            RecordLimits.DEFAULT,
            Optional.of(PersistentCache.open(folder, PersistentCache.DEFAULT_BYTES)),
            Optional.empty())) {
      for (int i = 0; i < 2; i++) {
        assertEquals(6, sum(device, "a", new float[] {1, 2, 3}));
      }
      assertEquals(7, sum(device, "b", new float[] {3, 4}));
      return device.report();
    }
  }

  private static float sum(Device device, String name, float[] values) {
    try (Step step = device.evaluationStep(name)) {
      Fetch<Float> sum = step.fetchFloat(device.tensor(values, values.length).sum());
      step.markStep();
      return sum.get();
    }
  }

  @Test
  void secondStartCompilesNothing() {
    DeviceReport first = start(new SerializingBackend("1"));
    assertEquals(2, first.compiles().size());
    assertEquals(0, first.loads());
    SerializingBackend backend = new SerializingBackend("1");
    DeviceReport second = start(backend);
    assertEquals(0, backend.compiles);
    assertEquals(List.of(), second.compiles());
    assertEquals(2, second.loads());
    assertEquals(2, second.graphs());
    assertEquals(0, second.compileSeconds());
    assertTrue(second.toString().contains("2 graphs loaded, not compiled"), second.toString());
  }

  @Test
  void otherCompilerCompilesItsOwn() {
    start(new SerializingBackend("1"));
    assertEquals(2, start(new SerializingBackend("2")).compiles().size());
  }

  @Test
  void whatDoesNotLoadIsCompiledAgainAndReplaced() throws IOException {
    start(new SerializingBackend("1"));
    SerializingBackend strict = new SerializingBackend("1");
    strict.refuseToLoad = true;
    assertEquals(2, start(strict).compiles().size());
    assertEquals(2, start(new SerializingBackend("1")).loads());
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.write(file, new byte[] {1, 2, 3});
      }
    }
    assertEquals(2, start(new SerializingBackend("1")).compiles().size());
    assertEquals(2, start(new SerializingBackend("1")).loads());
  }

  @Test
  void whatCannotBeKeptRunsAllTheSame() {
    SerializingBackend failing = new SerializingBackend("1");
    failing.failToSerialize = true;
    assertEquals(2, start(failing).compiles().size());
    assertEquals(2, start(new SerializingBackend("1")).compiles().size());
  }

  @Test
  void flightRecorderSaysWhereAGraphWas() throws IOException {
    start(new SerializingBackend("1"));
    Path file = root.resolve("second.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("io.lazytensor.CacheLookup").withoutThreshold();
      recording.enable("io.lazytensor.Compile").withoutThreshold();
      recording.start();
      start(new SerializingBackend("1"));
      recording.stop();
      recording.dump(file);
    }
    List<String> seen =
        RecordingFile.readAllEvents(file).stream()
            .map(PersistentExecutablesTest::lookUpOrCompile)
            .filter(text -> !text.isEmpty())
            .sorted()
            .toList();
    assertEquals(List.of("a true disk", "b true disk"), seen);
  }

  private static String lookUpOrCompile(RecordedEvent event) {
    return switch (event.getEventType().getName()) {
      case "io.lazytensor.CacheLookup" ->
          event.getString("step") + " " + event.getBoolean("hit") + " " + event.getString("where");
      case "io.lazytensor.Compile" -> "compile";
      default -> ""; // events of a running device that are on by default
    };
  }
}
