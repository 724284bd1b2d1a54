package io.lazytensor.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines of metrics, and how an interrupted run goes on with them. */
class MetricsLogTest {
  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = folder.resolve("metrics.jsonl");
  }

  private static SequencedMap<String, Double> values(Object... namesAndNumbers) {
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    for (int i = 0; i < namesAndNumbers.length; i += 2) {
      out.put((String) namesAndNumbers[i], (Double) namesAndNumbers[i + 1]);
    }
    return out;
  }

  @Test
  void eachLineIsOneObjectOnDisk() throws IOException {
    try (MetricsLog log = MetricsLog.create(file)) {
      log.step(1, values("loss", (double) 0.1f, "learning_rate", 0.1));
      log.evaluation(1, "test", values("accuracy", 0.5));
      List<String> lines = Files.readAllLines(file);
      assertTrue(
          lines
              .get(0)
              .matches(
                  "\\{\"step\":1,\"loss\":0\\.1,\"learning_rate\":0\\.1,\"seconds\":[0-9.E-]+}"),
          lines.get(0));
      assertEquals("{\"step\":1,\"evaluation\":\"test\",\"accuracy\":0.5}", lines.get(1));
    }
  }

  @Test
  void whatIsNoNumberIsAString() throws IOException {
    try (MetricsLog log = MetricsLog.create(file)) {
      log.evaluation(1, "test", values("loss", Double.NaN));
      log.evaluation(2, "test", values("loss", Double.POSITIVE_INFINITY));
    }
    assertEquals(
        "{\"step\":1,\"evaluation\":\"test\",\"loss\":\"NaN\"}", Files.readAllLines(file).get(0));
    List<MetricsLog.Line> read = MetricsLog.read(file);
    assertTrue(Double.isNaN(read.get(0).values().getOrDefault("loss", 0.0)));
    assertEquals(Double.POSITIVE_INFINITY, read.get(1).values().getOrDefault("loss", 0.0));
  }

  @Test
  void aResumedRunDropsWhatWillBeTrainedAgain() throws IOException {
    try (MetricsLog log = MetricsLog.create(file)) {
      for (int step = 1; step <= 5; step++) {
        log.step(step, values("loss", (double) step));
      }
    }
    Files.writeString(file, "{\"step\":6,\"lo", StandardOpenOption.APPEND);
    try (MetricsLog log = MetricsLog.resume(file, 3)) {
      log.step(4, values("loss", 40.0));
      MetricsLog.Series loss = log.trained("loss");
      assertArrayEquals(new long[] {1, 2, 3, 4}, loss.steps());
      assertArrayEquals(new double[] {1, 2, 3, 40}, loss.values());
      double[] seconds = log.trained("seconds").values();
      assertTrue(seconds[3] >= seconds[2], "time goes on where it stopped");
    }
    assertEquals(4, MetricsLog.read(file).size());
  }

  @Test
  void aWrongLineIsNamed() throws IOException {
    Files.writeString(file, "{\"step\":1,\"loss\":2}\n{\"loss\":2}\n{\"step\":3}\n");
    IOException wrong = assertThrows(IOException.class, () -> MetricsLog.read(file));
    assertTrue(String.valueOf(wrong.getMessage()).contains("metrics.jsonl:2"), wrong.getMessage());
    Files.writeString(file, "{\"step\":1,\"loss\":\"two\"}\n{\"step\":3}\n");
    assertTrue(
        String.valueOf(assertThrows(IOException.class, () -> MetricsLog.read(file)).getMessage())
            .contains("\"two\""));
  }
}
