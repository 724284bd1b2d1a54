package io.lazytensor.data;

import io.lazytensor.Device;
import io.lazytensor.Seed;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link DataLoader}.
 *
 * @param <T> a record
 * @param <B> a batch
 */
public final class DataLoaderBuilder<T, B> {
  private static final long DEFAULT_BYTES = 256L << 20;
  private static final int DEFAULT_WINDOW = 10_000;

  private final @Nullable Dataset<T> dataset;
  private final @Nullable StreamDataset<T> stream;
  private final Columns<T> columns;
  private final Class<B> type;
  private @Nullable Device device;
  private @Nullable Sampler sampler;
  private @Nullable Buckets buckets;
  private Shard shard = Shard.WHOLE;
  private Tail tail = Tail.DROP;
  private Seed seed = Seed.of(0);
  private boolean shuffled;
  private int window = DEFAULT_WINDOW;
  private int globalBatch = 1;
  private int workers = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);
  private int prefetch = 4;
  private long prefetchBytes = DEFAULT_BYTES;
  private int devicePrefetch = 2;
  private int skipLimit;

  DataLoaderBuilder(
      @Nullable Dataset<T> dataset,
      @Nullable StreamDataset<T> stream,
      Columns<T> columns,
      Class<B> type) {
    this.dataset = dataset;
    this.stream = stream;
    this.columns = columns;
    this.type = type;
  }

  /** Sets the device that batches with {@code Input} components are for. */
  public DataLoaderBuilder<T, B> device(Device value) {
    device = value;
    return this;
  }

  /** Sets the records of a batch, on all ranks together; 1 if not set. */
  public DataLoaderBuilder<T, B> batchSize(int global) {
    globalBatch = atLeast(1, "batchSize", global);
    return this;
  }

  /** Gives another order in each epoch; a stream is shuffled within windows. */
  public DataLoaderBuilder<T, B> shuffle(Seed value) {
    seed = value;
    shuffled = true;
    return this;
  }

  /**
   * Sets how many records of a stream are shuffled together, and held for it; 10,000 if not set.
   */
  public DataLoaderBuilder<T, B> shuffleWindow(int records) {
    window = atLeast(1, "shuffleWindow", records);
    return this;
  }

  /** Sets where the random numbers of transforms start, without shuffling. */
  public DataLoaderBuilder<T, B> seed(Seed value) {
    seed = value;
    return this;
  }

  /** Sets an order of one's own. */
  public DataLoaderBuilder<T, B> sampler(Sampler value) {
    sampler = value;
    return this;
  }

  /** Sets what happens to the last records of an epoch; {@link Tail#DROP} if not set. */
  public DataLoaderBuilder<T, B> tail(Tail value) {
    tail = value;
    return this;
  }

  /** Sets the lengths token columns are padded to. */
  public DataLoaderBuilder<T, B> buckets(Buckets value) {
    buckets = value;
    return this;
  }

  /**
   * Makes this the loader of one rank: it gives {@code batchSize / world} records of each global
   * batch. All ranks together read the same records in the same batches, however many they are.
   */
  public DataLoaderBuilder<T, B> shard(int rank, int world) {
    shard = new Shard(rank, world);
    return this;
  }

  /**
   * Sets how many threads read; 0 reads on the program's own, when it asks. Half the processors, at
   * most 4, if not set. Whatever it is, the batches are the same.
   */
  public DataLoaderBuilder<T, B> workers(int threads) {
    workers = atLeast(0, "workers", threads);
    return this;
  }

  /** Sets how many batches wait in host memory; 4 if not set. */
  public DataLoaderBuilder<T, B> prefetch(int batches) {
    prefetch = atLeast(1, "prefetch", batches);
    return this;
  }

  /**
   * Sets how many bytes the arrays of batches that are prepared or wait may take; 256 MiB if not
   * set. One batch is always allowed.
   */
  public DataLoaderBuilder<T, B> prefetchBytes(long bytes) {
    if (bytes < 1) {
      throw new DataException("prefetchBytes is at least 1, got " + bytes);
    }
    prefetchBytes = bytes;
    return this;
  }

  /**
   * Sets how many batches are copied to the device ahead, so that the next ones travel while a step
   * runs; 2 if not set. 0 leaves the copy to the step. Needs workers.
   */
  public DataLoaderBuilder<T, B> devicePrefetch(int batches) {
    devicePrefetch = atLeast(0, "devicePrefetch", batches);
    return this;
  }

  /**
   * Leaves out records that fail, at most so many in an epoch on this rank; none if not set. The
   * batch keeps its shape: rows that do not count take their place.
   */
  public DataLoaderBuilder<T, B> skipErrors(int limit) {
    skipLimit = atLeast(0, "skipErrors", limit);
    return this;
  }

  private static int atLeast(int least, String what, int got) {
    if (got < least) {
      throw new DataException("%s is at least %d, got %d".formatted(what, least, got));
    }
    return got;
  }

  /**
   * Returns the loader. Nothing is read yet.
   *
   * @throws DataException if settings contradict each other, or columns and the batch's record; the
   *     message names what
   */
  public DataLoader<B> build() {
    Assembler<B> assembler = Assembler.of(columns, type, device);
    Shard whose = shard;
    int rows = whose.rows(globalBatch);
    if ((tail == Tail.PAD || skipLimit > 0) && !columns.hasWeights() && !assembler.showsRows()) {
      throw new DataException(
          "with tail PAD or skipErrors some rows do not count, and nothing in %s says which: add a"
                  .formatted(type.getSimpleName())
              + " column weights(…), or a component \"int rows\"");
    }
    if (columns.needsBuckets() && buckets == null) {
      throw new DataException(
          "token columns need buckets(…), or a length of their own: shapes must be few");
    }
    if (buckets != null
        && buckets.count() > 1
        && whose.world() > 1
        && (buckets.lengthOf() == null || dataset == null)) {
      throw new DataException(
          "ranks could not agree on the bucket of a global batch: give one bucket, or %s"
              .formatted(dataset == null ? "a data set that is no stream" : "buckets.lengths(…)"));
    }
    Pipeline.Limits limits =
        new Pipeline.Limits(
            workers,
            prefetch + devicePrefetch,
            prefetchBytes,
            assembler.usesDevice() ? devicePrefetch : 0);
    LoaderSource.Settings<T, B> settings =
        new LoaderSource.Settings<>(
            columns, assembler, buckets, whose, tail, seed.value(), globalBatch, limits, skipLimit);
    long largest = Collator.largest(columns, buckets, rows);
    if (dataset != null) {
      return new DataLoader<>(
          new LoaderSource.Indexed<>(dataset, order(dataset), settings, largest));
    }
    if (stream == null) {
      throw new DataException("a loader needs a data set");
    }
    return new DataLoader<>(new LoaderSource.Streamed<>(stream, streamWindow(), settings, largest));
  }

  private Sampler order(Dataset<T> records) {
    Sampler order = sampler;
    if (order == null) {
      order =
          shuffled ? Sampler.shuffled(records.size(), seed) : Sampler.sequential(records.size());
    } else if (shuffled) {
      throw new DataException("give shuffle(…) or sampler(…), not both");
    }
    if (IndexedPlans.batches(order.size(), globalBatch, tail) == 0) {
      throw new DataException(
          "an epoch of %d records has no batch of %d with tail %s"
              .formatted(order.size(), globalBatch, tail));
    }
    if (buckets == null || buckets.window() == 0 || buckets.lengthOf() == null) {
      return order;
    }
    return new LengthGrouping(
        order, buckets.lengthOf(), globalBatch, buckets.window(), seed.value());
  }

  private int streamWindow() {
    if (sampler != null) {
      throw new DataException("a stream has no sampler: its records come in their own order");
    }
    if (buckets != null && buckets.lengthOf() != null) {
      throw new DataException("the lengths(…) of a stream's records are known when read only");
    }
    return shuffled ? window : 1;
  }
}
