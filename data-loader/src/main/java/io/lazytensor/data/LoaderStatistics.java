package io.lazytensor.data;

import java.util.Locale;

/**
 * What a loader did since it was built.
 *
 * @param batches how many were handed out
 * @param rows how many of their rows counted
 * @param waitedNanos time the program waited for batches, the first of each epoch left out
 * @param startNanos time it waited for the first batch of each epoch
 * @param stepNanos time between a batch and the question for the next: the program's own
 * @param loadNanos time of all threads that read records and made batches of them
 * @param uploadNanos time of copying batches to the device ahead of the steps
 * @param truncated records of which tokens were cut
 * @param skipped records that failed and were left out
 */
public record LoaderStatistics(
    long batches,
    long rows,
    long waitedNanos,
    long startNanos,
    long stepNanos,
    long loadNanos,
    long uploadNanos,
    long truncated,
    long skipped) {

  /**
   * Returns the part of the program's time that went into waiting for batches, from 0 to 1; the
   * first batch of each epoch left out.
   */
  public double stall() {
    long all = waitedNanos + stepNanos;
    return all == 0 ? 0 : (double) waitedNanos / all;
  }

  /** Returns the statistics as a line for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "loader: %,d batches, %,d records, waited %.3f s (%.1f %% of the time; %.3f s more for first"
            + " batches), loading %.3f s, uploading %.3f s, %,d truncated, %,d skipped",
        batches,
        rows,
        waitedNanos * 1e-9,
        100 * stall(),
        startNanos * 1e-9,
        loadNanos * 1e-9,
        uploadNanos * 1e-9,
        truncated,
        skipped);
  }
}
