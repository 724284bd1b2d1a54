package io.lazytensor.examples.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Metrics as JSON lines: one object for each training step with {@code step}, {@code loss}, {@code
 * learning_rate}, {@code seconds} since the start; one for each evaluation with {@code step},
 * {@code accuracy}, {@code loss}. Each line is on disk once it is written, so that an interrupted
 * run leaves whole lines.
 */
public final class MetricsLog implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * One training step.
   *
   * @param step its number, from 1
   * @param loss the loss
   * @param seconds since the start of the run
   */
  public record StepPoint(long step, double loss, double seconds) {}

  /**
   * One evaluation.
   *
   * @param step how many steps were trained
   * @param accuracy the share of right answers
   * @param loss the mean loss
   */
  public record EvaluationPoint(long step, double accuracy, double loss) {}

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private long start = System.nanoTime();
  private final BufferedWriter file;
  private final List<StepPoint> steps = new ArrayList<>();
  private final List<EvaluationPoint> evaluations = new ArrayList<>();

  /** Starts a file anew. */
  public MetricsLog(Path path) throws IOException {
    this(path, List.of());
  }

  private MetricsLog(Path path, List<String> known) throws IOException {
    file = Files.newBufferedWriter(path);
    for (String line : known) {
      file.write(line + "\n");
    }
    file.flush();
  }

  /**
   * Goes on with the file of a run that was interrupted: keeps the lines of steps up to one, and
   * forgets what came after it.
   */
  public static MetricsLog resume(Path path, long step) throws IOException {
    List<String> kept = new ArrayList<>();
    List<Line> lines = new ArrayList<>();
    for (String text : Files.exists(path) ? Files.readAllLines(path) : List.<String>of()) {
      Line line = Line.parse(text);
      // The last line may have been cut off.
      if (line == null || line.step > step) {
        break;
      }
      kept.add(text);
      lines.add(line);
    }
    MetricsLog log = new MetricsLog(path, kept);
    lines.forEach(line -> line.addTo(log));
    if (!log.steps.isEmpty()) {
      log.start -= (long) (log.steps.getLast().seconds() * 1e9);
    }
    return log;
  }

  /** One line as it was read. */
  private record Line(long step, double loss, double accuracy, double seconds) {
    static @Nullable Line parse(String text) throws IOException {
      long step = -1;
      double loss = Double.NaN;
      double accuracy = Double.NaN;
      double seconds = Double.NaN;
      try (JsonParser json = JSON.createParser(text)) {
        json.nextToken();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          json.nextToken();
          switch (name) {
            case "step" -> step = json.getLongValue();
            case "loss" -> loss = Double.parseDouble(json.getText());
            case "accuracy" -> accuracy = json.getDoubleValue();
            case "seconds" -> seconds = json.getDoubleValue();
            default -> {}
          }
        }
        return step < 0 || json.currentToken() != JsonToken.END_OBJECT
            ? null
            : new Line(step, loss, accuracy, seconds);
      } catch (JsonProcessingException | NumberFormatException e) {
        return null;
      }
    }

    void addTo(MetricsLog log) {
      if (Double.isNaN(accuracy)) {
        log.steps.add(new StepPoint(step, loss, seconds));
      } else {
        log.evaluations.add(new EvaluationPoint(step, accuracy, loss));
      }
    }
  }

  /** Adds a training step. */
  public void step(long step, double loss, double learningRate) {
    double seconds = (System.nanoTime() - start) * 1e-9;
    steps.add(new StepPoint(step, loss, seconds));
    line(json -> {
      json.writeNumberField("step", step);
      // What is no number in JSON still has to be seen.
      if (Double.isFinite(loss)) {
        json.writeNumberField("loss", (float) loss);
      } else {
        json.writeStringField("loss", Double.toString(loss));
      }
      json.writeNumberField("learning_rate", learningRate);
      json.writeNumberField("seconds", Math.round(seconds * 1e6) / 1e6);
    });
  }

  /** Adds an evaluation. */
  public void evaluation(long step, double accuracy, double loss) {
    evaluations.add(new EvaluationPoint(step, accuracy, loss));
    line(json -> {
      json.writeNumberField("step", step);
      json.writeNumberField("accuracy", accuracy);
      json.writeNumberField("loss", loss);
    });
  }

  private void line(Fields fields) {
    try {
      StringWriter text = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(text)) {
        json.writeStartObject();
        fields.write(json);
        json.writeEndObject();
      }
      file.write(text + "\n");
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("metrics cannot be written", e);
    }
  }

  /** Returns the training steps so far. */
  public List<StepPoint> steps() {
    return List.copyOf(steps);
  }

  /** Returns the evaluations so far. */
  public List<EvaluationPoint> evaluations() {
    return List.copyOf(evaluations);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
