package io.lazytensor.data;

import io.lazytensor.xla.ir.LazyTensorException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the data, or the rest of one. Closing it early ends its threads; so does beginning
 * another, and the garbage collector once nobody can reach it. Used by one thread.
 *
 * @param <B> a batch
 */
public final class Epoch<B> implements Iterable<B>, AutoCloseable {
  private final DataLoader<B> loader;
  private final long number;
  private final Pipeline<?, B> pipeline;
  private final Counters counters;
  private @Nullable Prepared<B> next;
  private @Nullable Prepared<B> current;
  private @Nullable LazyTensorException failure;
  private boolean ended;
  private long handedOver;
  private long skipped;

  Epoch(DataLoader<B> loader, long number, Pipeline<?, B> pipeline, Counters counters) {
    this.loader = loader;
    this.number = number;
    this.pipeline = pipeline;
    this.counters = counters;
  }

  /** Returns which epoch this is, from 0. */
  public long number() {
    return number;
  }

  /**
   * Returns the batches that are left. Asking for a batch says that the one before has been
   * trained; its copy on the device is freed once the steps cut so far are done. All iterators
   * share one progress.
   */
  @Override
  public Iterator<B> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return Epoch.this.hasNext();
      }

      @Override
      public B next() {
        return Epoch.this.next();
      }
    };
  }

  private boolean hasNext() {
    if (next != null) {
      return true;
    }
    if (failure != null) {
      throw failure;
    }
    if (ended) {
      return false;
    }
    loader.asked();
    if (current != null) {
      counters.stepNanos.add(System.nanoTime() - handedOver);
      current.unload();
      current = null;
    }
    try {
      next = take();
    } catch (LazyTensorException e) {
      failure = e;
      pipeline.close();
      throw e;
    }
    if (next == null) {
      ended = true;
      pipeline.close();
      loader.ended(number);
      return false;
    }
    return true;
  }

  private @Nullable Prepared<B> take() {
    boolean first = handedOver == 0;
    long start = System.nanoTime();
    LoaderStallEvent event = new LoaderStallEvent();
    boolean stalled = !pipeline.isReady();
    event.begin();
    Prepared<B> taken = pipeline.take();
    long waited = System.nanoTime() - start;
    (first ? counters.startNanos : counters.waitedNanos).add(waited);
    if (taken != null) {
      if (stalled && event.shouldCommit()) {
        event.epoch = number;
        event.batch = taken.number();
        event.first = first;
        event.commit();
      }
      try {
        count(taken.host());
      } catch (DataException e) {
        taken.unload();
        throw e;
      }
    }
    return taken;
  }

  private void count(HostBatch<?> batch) {
    int allowed = loader.skipLimit();
    for (DataException failed : batch.failures()) {
      if (++skipped > allowed) {
        throw new DataException(
            "%s (%d records of this epoch failed before, and skipErrors allows %d)"
                .formatted(failed.getMessage(), skipped - 1, allowed),
            failed);
      }
      loader.skipped(failed);
    }
    counters.batches.increment();
    counters.rows.add(batch.rows());
    counters.truncated.add(batch.truncated());
  }

  private B next() {
    if (!hasNext()) {
      throw new NoSuchElementException("epoch " + number + " has no more batches");
    }
    Prepared<B> handed = java.util.Objects.requireNonNull(next);
    next = null;
    current = handed;
    loader.handed(handed);
    handedOver = System.nanoTime();
    return handed.batch();
  }

  /** Ends the threads that prepare batches. Batches handed out stay usable. */
  @Override
  public void close() {
    if (!ended) {
      ended = true;
      pipeline.close();
    }
    if (next != null) {
      next.unload();
      next = null;
    }
  }
}
