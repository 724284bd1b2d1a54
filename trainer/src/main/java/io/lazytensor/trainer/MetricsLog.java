package io.lazytensor.trainer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Metrics as JSON lines: one object for each training step, {@code
 * {"step":1,"loss":2.3,"learning_rate":0.1,"seconds":0.02}}, and one for each evaluation, {@code
 * {"step":100,"evaluation":"test","accuracy":0.8}}. Each line is on disk once it is written, so
 * that an interrupted run leaves whole lines.
 */
public final class MetricsLog implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String STEP = "step";
  private static final String EVALUATION = "evaluation";
  private static final String SECONDS = "seconds";

  /**
   * One line.
   *
   * @param step how many steps were trained, this one included
   * @param evaluation what was evaluated on; empty for a training step
   * @param values by name
   */
  public record Line(long step, String evaluation, SequencedMap<String, Double> values) {
    /** Copies the values. */
    public Line {
      values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
    }

    /** Returns whether it is about an evaluation. */
    public boolean isEvaluation() {
      return !evaluation.isEmpty();
    }
  }

  /**
   * A number over steps.
   *
   * @param steps when
   * @param values what
   */
  public record Series(long[] steps, double[] values) {}

  private final BufferedWriter file;
  private final List<Line> lines;
  private final double secondsBefore;
  private final long start = System.nanoTime();

  private MetricsLog(BufferedWriter file, List<Line> lines) {
    this.file = file;
    this.lines = lines;
    this.secondsBefore =
        lines.reversed().stream()
            .filter(line -> line.values().containsKey(SECONDS))
            .mapToDouble(line -> line.values().getOrDefault(SECONDS, 0.0))
            .findFirst()
            .orElse(0);
  }

  /** Starts a file anew. */
  public static MetricsLog create(Path path) throws IOException {
    return new MetricsLog(Files.newBufferedWriter(path), new ArrayList<>());
  }

  /**
   * Goes on with the file of an interrupted run. What it wrote after a step is dropped: it will be
   * trained again.
   *
   * @param step the last step that counts
   * @throws IOException if it cannot be read or written
   */
  public static MetricsLog resume(Path path, long step) throws IOException {
    List<Line> kept = new ArrayList<>();
    if (Files.exists(path)) {
      for (Line line : read(path)) {
        if (line.step() <= step) {
          kept.add(line);
        }
      }
    }
    Path part = path.resolveSibling(path.getFileName() + ".part");
    try (BufferedWriter copy = Files.newBufferedWriter(part)) {
      for (Line line : kept) {
        copy.write(text(line));
      }
    }
    Files.move(part, path, StandardCopyOption.REPLACE_EXISTING);
    return new MetricsLog(Files.newBufferedWriter(path, StandardOpenOption.APPEND), kept);
  }

  /**
   * Reads a file. A last line that was cut off is left out.
   *
   * @throws IOException if it cannot be read, or another line is no object of numbers
   */
  public static List<Line> read(Path path) throws IOException {
    List<Line> out = new ArrayList<>();
    List<String> all = Files.readAllLines(path);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).isBlank()) {
        continue;
      }
      try {
        out.add(parse(all.get(i)));
      } catch (IOException e) {
        if (i == all.size() - 1) {
          break;
        }
        throw new IOException(
            "%s:%d is no line of metrics: %s".formatted(path, i + 1, e.getMessage()), e);
      }
    }
    return out;
  }

  private static Line parse(String text) throws IOException {
    long step = -1;
    String evaluation = "";
    SequencedMap<String, Double> values = new LinkedHashMap<>();
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("expected an object");
      }
      for (JsonToken at = json.nextToken(); at != JsonToken.END_OBJECT; at = json.nextToken()) {
        if (at != JsonToken.FIELD_NAME) {
          throw new IOException("cut off");
        }
        String name = json.currentName();
        json.nextToken();
        if (name.equals(STEP)) {
          step = json.getLongValue();
        } else if (name.equals(EVALUATION)) {
          evaluation = json.getText();
        } else {
          values.put(name, number(json));
        }
      }
    }
    if (step < 0) {
      throw new IOException("expected \"step\", from 0 on");
    }
    return new Line(step, evaluation, values);
  }

  private static double number(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      try {
        return Double.parseDouble(json.getText());
      } catch (NumberFormatException e) {
        throw new IOException(
            "%s is \"%s\", expected a number".formatted(json.currentName(), json.getText()), e);
      }
    }
    return json.getDoubleValue();
  }

  /** Adds a training step; the seconds since the start of training are added to its values. */
  public void step(long step, Map<String, Double> values) {
    SequencedMap<String, Double> all = new LinkedHashMap<>(values);
    double seconds = secondsBefore + (System.nanoTime() - start) * 1e-9;
    all.put(SECONDS, Math.round(seconds * 1e6) / 1e6);
    add(new Line(step, "", all));
  }

  /**
   * Adds an evaluation.
   *
   * @param name what was evaluated on, such as {@code test}
   */
  public void evaluation(long step, String name, Map<String, Double> values) {
    add(new Line(step, name, new LinkedHashMap<>(values)));
  }

  private void add(Line line) {
    lines.add(line);
    try {
      file.write(text(line));
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("metrics cannot be written", e);
    }
  }

  private static String text(Line line) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField(STEP, line.step());
      if (line.isEvaluation()) {
        json.writeStringField(EVALUATION, line.evaluation());
      }
      for (Map.Entry<String, Double> entry : line.values().entrySet()) {
        double value = entry.getValue();
        json.writeFieldName(entry.getKey());
        // What is no number in JSON still has to be seen.
        if (!Double.isFinite(value)) {
          json.writeString(Double.toString(value));
        } else if (value == (float) value) {
          json.writeNumber((float) value);
        } else {
          json.writeNumber(value);
        }
      }
      json.writeEndObject();
    }
    return text + "\n";
  }

  /** Returns everything so far. */
  public List<Line> lines() {
    return List.copyOf(lines);
  }

  /** Returns one number of training steps. */
  public Series trained(String name) {
    return series("", name);
  }

  /** Returns one number of the evaluations of a name. */
  public Series evaluated(String evaluation, String name) {
    return series(evaluation, name);
  }

  private Series series(String evaluation, String name) {
    List<Line> found =
        lines.stream()
            .filter(line -> line.evaluation().equals(evaluation) && line.values().containsKey(name))
            .toList();
    return new Series(
        found.stream().mapToLong(Line::step).toArray(),
        found.stream().mapToDouble(line -> line.values().getOrDefault(name, Double.NaN)).toArray());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
