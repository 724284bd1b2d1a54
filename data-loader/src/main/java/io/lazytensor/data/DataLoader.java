package io.lazytensor.data;

import io.lazytensor.PlainValue;
import io.lazytensor.Resumable;
import io.lazytensor.StateException;
import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives batches of fixed shapes in an order that depends on seed, epoch and batch size only, read
 * by background threads and copied to the device while steps run. PyTorch: {@code DataLoader}.
 *
 * <p>{@code for (B batch : loader)} is one epoch, each loop the next one, in another order if it is
 * shuffled. Leaving a loop early is fine; the next loop goes on with the epoch.
 *
 * <p>A batch counts as trained, for {@link #position}, once a cut has used one of its inputs, once
 * the next batch is asked for, or once {@link #trained} is called. Saving after a step and going on
 * later therefore repeats and leaves out nothing. (Batches without {@code Input}s are in no cut:
 * call {@code trained} before saving or leaving the loop.)
 *
 * <p>Closing is optional: threads also end when an epoch does, when another begins, and when nobody
 * can reach the loader any more. Used by one thread.
 *
 * @param <B> a batch: a record of tensors
 */
public final class DataLoader<B> implements Iterable<B>, Resumable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataLoader.class);
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int SKIPS_LOGGED = 10;

  /** What a loader is made of. */
  interface Source<B> {
    /** Prepares the rest of an epoch. */
    Pipeline<?, B> pipeline(long epoch, long firstBatch, Counters counters);

    /** Returns the batches of an epoch, or -1 if only reading tells. */
    long batches();

    /** Returns the state at a position. */
    LoaderState state(long epoch, long nextGlobalSample);

    int globalBatch();

    int skipLimit();
  }

  private final Source<B> source;
  private final Counters counters = new Counters();
  private final Object guard = new Object();
  private long epoch;
  private long batch;
  private @Nullable Prepared<B> pending;
  private @Nullable Epoch<B> active;
  private boolean closed;

  DataLoader(Source<B> source) {
    this.source = source;
  }

  /**
   * Begins a loader of a data set that can be read in any order.
   *
   * @param batch the record batches are given as; components have the names of the columns
   */
  public static <T, B> DataLoaderBuilder<T, B> builder(
      Dataset<T> dataset, Columns<T> columns, Class<B> batch) {
    return new DataLoaderBuilder<>(dataset, null, columns, batch);
  }

  /** Begins a loader of a data set that is read in order. */
  public static <T, B> DataLoaderBuilder<T, B> builder(
      StreamDataset<T> dataset, Columns<T> columns, Class<B> batch) {
    return new DataLoaderBuilder<>(null, dataset, columns, batch);
  }

  // ---- batches ----------------------------------------------------------------------------------

  /** Returns the batches of {@link #remaining}. */
  @Override
  public Iterator<B> iterator() {
    return remaining().iterator();
  }

  /** Goes on where the loader is: with the rest of the current epoch, or the next one. */
  public Epoch<B> remaining() {
    LoaderState at = state();
    return begin(at.epoch(), at.nextGlobalSample() / source.globalBatch());
  }

  /**
   * Begins an epoch from its first batch, wherever the loader is.
   *
   * @param number from 0
   */
  public Epoch<B> epoch(long number) {
    if (number < 0) {
      throw new DataException("epochs count from 0, got " + number);
    }
    return begin(number, 0);
  }

  private Epoch<B> begin(long number, long firstBatch) {
    Epoch<B> before = active;
    if (before != null) {
      before.close();
    }
    Pipeline<?, B> pipeline;
    synchronized (guard) {
      if (closed) {
        throw new DataException("the loader is closed");
      }
      batch = firstBatch;
      epoch = number;
      pending = null;
      pipeline = source.pipeline(epoch, batch, counters);
    }
    Epoch<B> begun = new Epoch<>(this, number, pipeline, counters);
    active = begun;
    CLEANER.register(begun, pipeline::shutDown);
    pipeline.start();
    return begun;
  }

  /**
   * Returns the epochs that are left until there were {@code count} in all, each begun when it is
   * asked for.
   */
  public Iterable<Epoch<B>> epochs(long count) {
    return () ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return state().epoch() < count;
          }

          @Override
          public Epoch<B> next() {
            if (!hasNext()) {
              throw new NoSuchElementException("all " + count + " epochs are over");
            }
            return remaining();
          }
        };
  }

  /**
   * Returns how many batches an epoch has.
   *
   * @throws DataException if the data set is a stream, where only reading tells
   */
  public long batchesPerEpoch() {
    if (source.batches() < 0) {
      throw new DataException("how many batches a stream has is known at its end only");
    }
    return source.batches();
  }

  /** Ends the threads of the current epoch. The loader cannot be used any more. */
  @Override
  public void close() {
    Epoch<B> open;
    synchronized (guard) {
      closed = true;
      open = active;
      active = null;
    }
    if (open != null) {
      open.close();
    }
  }

  // ---- position ---------------------------------------------------------------------------------

  /** Says that the batch handed out last has been trained. */
  public void trained() {
    synchronized (guard) {
      if (pending != null) {
        batch = pending.number() + 1;
        pending = null;
      }
    }
  }

  /** Returns where the loader is: at the next record to be trained. */
  public LoaderState state() {
    synchronized (guard) {
      long next = pending != null && pending.isUsed() ? pending.number() + 1 : batch;
      boolean over = source.batches() >= 0 && next >= source.batches();
      return over
          ? source.state(epoch + 1, 0)
          : source.state(epoch, Math.multiplyExact(next, source.globalBatch()));
    }
  }

  /**
   * Goes to a position. An epoch that was begun is over.
   *
   * @throws StateException if it is of other data, or of another batch size, seed or order; the
   *     loader stays where it is
   */
  public void restore(LoaderState state) {
    state.requireFits(source.state(0, 0));
    if (active != null) {
      active.close();
      active = null;
    }
    synchronized (guard) {
      epoch = state.epoch();
      batch = state.nextGlobalSample() / source.globalBatch();
      pending = null;
    }
  }

  @Override
  public SequencedMap<String, PlainValue> position() {
    return state().toMap();
  }

  @Override
  public void resume(SequencedMap<String, PlainValue> position) {
    restore(LoaderState.of(position));
  }

  // ---- what an epoch tells ----------------------------------------------------------------------

  void asked() {
    trained();
  }

  void handed(Prepared<B> prepared) {
    synchronized (guard) {
      pending = prepared;
    }
  }

  void ended(long number) {
    synchronized (guard) {
      if (epoch == number) {
        epoch = number + 1;
        batch = 0;
        pending = null;
      }
    }
  }

  int skipLimit() {
    return source.skipLimit();
  }

  void skipped(DataException failure) {
    counters.skipped.increment();
    if (counters.skipped.sum() <= SKIPS_LOGGED) {
      LOG.warn("skipped {}", failure.getMessage());
    }
  }

  // ---- observation ------------------------------------------------------------------------------

  /** Returns what the loader did so far. */
  public LoaderStatistics statistics() {
    return counters.statistics();
  }
}
