package io.lazytensor.data;

import java.util.concurrent.atomic.LongAdder;

/** Counts what a loader does, on all its threads. */
final class Counters {
  final LongAdder batches = new LongAdder();
  final LongAdder rows = new LongAdder();
  final LongAdder waitedNanos = new LongAdder();
  final LongAdder startNanos = new LongAdder();
  final LongAdder stepNanos = new LongAdder();
  final LongAdder loadNanos = new LongAdder();
  final LongAdder uploadNanos = new LongAdder();
  final LongAdder truncated = new LongAdder();
  final LongAdder skipped = new LongAdder();

  LoaderStatistics statistics() {
    return new LoaderStatistics(
        batches.sum(),
        rows.sum(),
        waitedNanos.sum(),
        startNanos.sum(),
        stepNanos.sum(),
        loadNanos.sum(),
        uploadNanos.sum(),
        truncated.sum(),
        skipped.sum());
  }
}
