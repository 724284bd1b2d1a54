package io.lazytensor.examples.run;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows how far a run is: a bar that is drawn over on a terminal, a line now and then elsewhere.
 * Times appear only on a terminal, so that what is logged is the same for the same seed.
 */
public final class ProgressBar {
  private static final long REDRAW_NANOS = 100_000_000;
  private static final int LINES = 20;
  private static final int WIDTH = 24;

  private final PrintWriter out;
  private final long steps;
  private final int batchSize;
  private final long first;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private long drawn = start - REDRAW_NANOS - 1;
  private double accuracy = Double.NaN;
  private boolean hasDiverged;

  /** Starts after so many steps. */
  public ProgressBar(PrintWriter out, long steps, int batchSize, long first) {
    this(out, steps, batchSize, first, System.console() != null && System.console().isTerminal());
  }

  ProgressBar(PrintWriter out, long steps, int batchSize, long first, boolean terminal) {
    this.first = first;
    this.out = out;
    this.steps = steps;
    this.batchSize = batchSize;
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
    double rate = (step - first) / seconds;
    String quality =
        Double.isNaN(accuracy) ? "" : String.format(Locale.ROOT, "  accuracy %.4f", accuracy);
    out.printf(
        Locale.ROOT,
        "\r[%s%s] %d/%d  %,.0f images/s  %.0f s left  loss %.4f%s ",
        "=".repeat(filled),
        " ".repeat(WIDTH - filled),
        step,
        steps,
        rate * batchSize,
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
  public void evaluated(double newAccuracy) {
    accuracy = newAccuracy;
    if (!terminal) {
      out.printf(Locale.ROOT, "evaluation: accuracy %.4f%n", accuracy);
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
