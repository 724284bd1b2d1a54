package io.lazytensor.examples.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

  private final long start = System.nanoTime();
  private final BufferedWriter file;
  private final List<StepPoint> steps = new ArrayList<>();
  private final List<EvaluationPoint> evaluations = new ArrayList<>();

  /** Starts a file anew. */
  public MetricsLog(Path path) throws IOException {
    file = Files.newBufferedWriter(path);
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
