package io.lazytensor.examples.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the lines of {@code metrics.jsonl} hold, and when they are there. */
class MetricsLogTest {
  @TempDir Path folder;

  private Path path() {
    return folder.resolve("metrics.jsonl");
  }

  private static Map<String, String> object(String line) throws IOException {
    Map<String, String> out = new LinkedHashMap<>();
    try (JsonParser json = new JsonFactory().createParser(line)) {
      assertEquals(JsonToken.START_OBJECT, json.nextToken());
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        out.put(name, json.getText());
      }
      assertEquals(JsonToken.END_OBJECT, json.currentToken());
    }
    return out;
  }

  @Test
  void trainingStepIsOneObjectWithFourFields() throws IOException {
    try (MetricsLog log = new MetricsLog(path())) {
      log.step(7, 0.25, 0.1);
    }
    Map<String, String> line = object(Files.readString(path()));
    assertEquals(List.of("step", "loss", "learning_rate", "seconds"), List.copyOf(line.keySet()));
    assertEquals("7", line.get("step"));
    assertEquals("0.25", line.get("loss"));
    assertEquals("0.1", line.get("learning_rate"));
    assertTrue(Double.parseDouble(line.get("seconds")) >= 0);
  }

  @Test
  void evaluationIsOneObjectWithStepAndAccuracy() throws IOException {
    try (MetricsLog log = new MetricsLog(path())) {
      log.evaluation(93, 0.875, 0.5);
    }
    Map<String, String> line = object(Files.readString(path()));
    assertEquals(Map.of("step", "93", "accuracy", "0.875", "loss", "0.5"), line);
  }

  @Test
  void everyLineIsWholeOnDiskBeforeTheNext() throws IOException {
    try (MetricsLog log = new MetricsLog(path())) {
      for (int step = 1; step <= 5; step++) {
        log.step(step, 1.0 / step, 0.1);
        String text = Files.readString(path());
        assertTrue(text.endsWith("}\n"), text);
        List<String> lines = text.lines().toList();
        assertEquals(step, lines.size());
        assertEquals(Integer.toString(step), object(lines.getLast()).get("step"));
      }
    }
  }

  @Test
  void lossThatIsNoNumberIsStillJson() throws IOException {
    try (MetricsLog log = new MetricsLog(path())) {
      log.step(1, Double.NaN, 0.1);
      log.step(2, Double.POSITIVE_INFINITY, 0.1);
      log.evaluation(2, 0.1, Double.NaN);
    }
    List<String> lines = Files.readAllLines(path());
    assertEquals("NaN", object(lines.get(0)).get("loss"));
    assertEquals("Infinity", object(lines.get(1)).get("loss"));
    assertTrue(lines.stream().allMatch(line -> !line.contains(":NaN")), lines.toString());
  }

  @Test
  void newLogReplacesAnOldOne() throws IOException {
    Files.writeString(path(), "old\n");
    try (MetricsLog log = new MetricsLog(path())) {
      log.step(1, 1, 1);
    }
    assertEquals(1, Files.readAllLines(path()).size());
  }

  @Test
  void pointsAreKeptForTheReport() throws IOException {
    try (MetricsLog log = new MetricsLog(path())) {
      log.step(1, 2.5, 0.1);
      log.evaluation(1, 0.5, 1.5);
      assertEquals(2.5, log.steps().getFirst().loss());
      assertEquals(new MetricsLog.EvaluationPoint(1, 0.5, 1.5), log.evaluations().getFirst());
    }
  }

  @Test
  void resumingForgetsWhatCameAfterAStepAndAnythingCutOff() throws IOException {
    try (MetricsLog log = new MetricsLog(path())) {
      log.step(1, 3, 0.1);
      log.step(2, Double.NaN, 0.1);
      log.evaluation(2, 0.5, 2);
      log.step(3, 1, 0.1);
    }
    List<String> lines = Files.readAllLines(path());
    try (MetricsLog log = MetricsLog.resume(path(), 2)) {
      assertEquals(lines.subList(0, 3), Files.readAllLines(path()));
      assertEquals(List.of(1L, 2L), log.steps().stream().map(MetricsLog.StepPoint::step).toList());
      assertEquals(1, log.evaluations().size());
      log.step(3, 0.5, 0.1);
      assertTrue(log.steps().getLast().seconds() >= log.steps().getFirst().seconds());
    }
    assertEquals("0.5", object(Files.readAllLines(path()).getLast()).get("loss"));
    Files.writeString(path(), lines.get(0) + "\n" + lines.get(1).substring(0, 12));
    try (MetricsLog log = MetricsLog.resume(path(), 9)) {
      assertEquals(1, log.steps().size());
    }
    assertEquals(lines.subList(0, 1), Files.readAllLines(path()));
  }

  @Test
  void resumingWithoutAFileStartsOne() throws IOException {
    try (MetricsLog log = MetricsLog.resume(path(), 5)) {
      assertEquals(List.of(), log.steps());
    }
    assertEquals("", Files.readString(path()));
  }
}
