package io.lazytensor.trainer;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/**
 * Shows how far a run is: a bar that is drawn over on a terminal, a line now and then elsewhere.
 * Times appear only on a terminal, so that what is logged is the same for the same seed.
 */
public final class ProgressBar {
  private static final long REDRAW_NANOS = 100_000_000;
  private static final int LINES = 20;
  private static final int WIDTH = 24;

  private final PrintWriter out;
  private final long firstStep;
  private final long steps;
  private final int batchSize;
  private final String unit;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private long drawn = start - REDRAW_NANOS - 1;
  private String quality = "";
  private boolean hasDiverged;

  /**
   * Starts at a step.
   *
   * @param firstStep steps that were trained before
   * @param steps all steps of the run
   * @param unit what a batch has many of, such as {@code images}
   */
  public ProgressBar(PrintWriter out, long firstStep, long steps, int batchSize, String unit) {
    this(
        out,
        firstStep,
        steps,
        batchSize,
        unit,
        System.console() != null && System.console().isTerminal());
  }

  ProgressBar(
      PrintWriter out, long firstStep, long steps, int batchSize, String unit, boolean terminal) {
    this.out = out;
    this.firstStep = firstStep;
    this.steps = steps;
    this.batchSize = batchSize;
    this.unit = unit;
    this.terminal = terminal;
  }

  /** Tells of a step that is done. */
  public void update(long step, double loss) {
    long now = System.nanoTime();
    if (terminal && (now - drawn > REDRAW_NANOS || step == steps)) {
      drawn = now;
      draw(step, loss, (now - start) * 1e-9);
    } else if (!terminal && (step % Math.max(1, steps / LINES) == 0 || step == steps)) {
      out.printf(Locale.ROOT, "step %d/%d  loss %.6f%n", step, steps, loss);
      out.flush();
    }
  }

  private void draw(long step, double loss, double seconds) {
    int filled = (int) (WIDTH * step / steps);
    double rate = (step - firstStep) / seconds;
    out.printf(
        Locale.ROOT,
        "\r[%s%s] %d/%d  %,.0f %s/s  %.0f s left  loss %.4f%s ",
        "=".repeat(filled),
        " ".repeat(WIDTH - filled),
        step,
        steps,
        rate * batchSize,
        unit,
        (steps - step) / rate,
        loss,
        quality);
    out.flush();
  }

  /** Tells, once, of a loss that is no number any more. */
  public void diverged(long step, double loss) {
    if (!hasDiverged) {
      hasDiverged = true;
      out.printf(
          Locale.ROOT, "warning: the loss is %s at step %d; lower --learning-rate%n", loss, step);
      out.flush();
    }
  }

  /** Tells of an evaluation. */
  public void evaluated(Map<String, Double> values) {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (name, value) -> text.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
    quality = text.toString();
    if (!terminal) {
      out.println("evaluation:" + quality.replaceFirst("^ ", ""));
      out.flush();
    }
  }

  /** Leaves the bar's line. */
  public void finish() {
    if (terminal) {
      out.println();
    }
  }
}
