package io.lazytensor.data;

import org.jspecify.annotations.Nullable;

/** The two kinds of data a loader reads, with its settings. */
final class LoaderSource {
  private LoaderSource() {}

  /** What both kinds need. */
  record Settings<T, B>(
      Columns<T> columns,
      Assembler<B> assembler,
      @Nullable Buckets buckets,
      Shard shard,
      Tail tail,
      long seed,
      int globalBatch,
      Pipeline.Limits limits,
      int skipLimit) {

    Plans.Course course(long epoch, long firstBatch) {
      return new Plans.Course(epoch, firstBatch, globalBatch, shard, tail);
    }

    Pipeline<T, B> pipeline(Plans<T> plans, long epoch, long largest, Counters counters) {
      // The collator stops between records once its pipeline is closed.
      Closing closing = new Closing();
      Collator<T> collator =
          new Collator<>(
              columns,
              buckets,
              shard.rows(globalBatch),
              skipLimit > 0,
              assembler.showsRecords(),
              seed,
              epoch,
              closing::isClosed);
      Pipeline<T, B> pipeline =
          new Pipeline<>(plans, collator, assembler, limits, largest, counters);
      closing.pipeline = pipeline;
      return pipeline;
    }

    String order(String of) {
      return "%s, tail %s%s".formatted(of, tail, buckets == null ? "" : ", buckets " + buckets);
    }
  }

  private static final class Closing {
    private volatile @Nullable Pipeline<?, ?> pipeline;

    boolean isClosed() {
      Pipeline<?, ?> known = pipeline;
      return known != null && known.isClosed();
    }
  }

  /** Records that can be read in any order. */
  record Indexed<T, B>(Dataset<T> dataset, Sampler sampler, Settings<T, B> settings, long largest)
      implements DataLoader.Source<B> {
    @Override
    public Pipeline<T, B> pipeline(long epoch, long firstBatch, Counters counters) {
      Plans<T> plans =
          new IndexedPlans<>(
              dataset, sampler, settings.buckets, settings.course(epoch, firstBatch));
      return settings.pipeline(plans, epoch, largest, counters);
    }

    @Override
    public long batches() {
      return IndexedPlans.batches(sampler.size(), settings.globalBatch, settings.tail);
    }

    @Override
    public LoaderState state(long epoch, long nextGlobalSample) {
      return new LoaderState(
          settings.seed,
          epoch,
          nextGlobalSample,
          dataset.fingerprint(),
          settings.globalBatch,
          settings.order(sampler.describe()));
    }

    @Override
    public int globalBatch() {
      return settings.globalBatch;
    }

    @Override
    public int skipLimit() {
      return settings.skipLimit;
    }
  }

  /** Records that are read in order. */
  record Streamed<T, B>(StreamDataset<T> dataset, int window, Settings<T, B> settings, long largest)
      implements DataLoader.Source<B> {
    @Override
    public Pipeline<T, B> pipeline(long epoch, long firstBatch, Counters counters) {
      Plans<T> plans =
          new StreamPlans<>(dataset, window, settings.seed, settings.course(epoch, firstBatch));
      return settings.pipeline(plans, epoch, largest, counters);
    }

    @Override
    public long batches() {
      return -1;
    }

    @Override
    public LoaderState state(long epoch, long nextGlobalSample) {
      return new LoaderState(
          settings.seed,
          epoch,
          nextGlobalSample,
          dataset.fingerprint(),
          settings.globalBatch,
          settings.order("a stream, shuffled within " + window));
    }

    @Override
    public int globalBatch() {
      return settings.globalBatch;
    }

    @Override
    public int skipLimit() {
      return settings.skipLimit;
    }
  }
}
