package io.lazytensor.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/** Batches of a data set that can be read in any order. */
final class IndexedPlans<T> implements Plans<T> {
  private final Dataset<T> dataset;
  private final Sampler sampler;
  private final @Nullable Buckets buckets;
  private final Course course;
  private final long batches;
  private long next;

  IndexedPlans(Dataset<T> dataset, Sampler sampler, @Nullable Buckets buckets, Course course) {
    this.dataset = dataset;
    this.sampler = sampler;
    this.buckets = buckets;
    this.course = course;
    this.batches = batches(sampler.size(), course.globalBatch(), course.tail());
    this.next = course.firstBatch();
  }

  static long batches(long positions, int globalBatch, Tail tail) {
    return switch (tail) {
      case DROP -> positions / globalBatch;
      case PAD -> Math.ceilDiv(positions, globalBatch);
    };
  }

  @Override
  public @Nullable BatchPlan<T> next() {
    if (next >= batches) {
      return null;
    }
    long batch = next++;
    long from = course.from(batch);
    long to = Math.min(from + course.rows(), sampler.size());
    List<BatchPlan.Planned<T>> records = new ArrayList<>(course.rows());
    for (long position = from; position < to; position++) {
      records.add(planned(position));
    }
    return new BatchPlan<>(batch, records, length(batch));
  }

  private BatchPlan.Planned<T> planned(long position) {
    long index = sampler.index(course.epoch(), position);
    // A record drawn twice is not to be changed twice in the same way.
    long key = sampler.repeats() ? Mix.hash(index, position) : index;
    return new BatchPlan.Planned<>(
        random -> dataset.get(index, random), key, () -> dataset.describe(index));
  }

  /** Returns the bucket of the whole global batch, so that ranks agree. */
  private int length(long batch) {
    LongToIntFunction lengthOf = buckets == null ? null : buckets.lengthOf();
    if (buckets == null || lengthOf == null) {
      return 0;
    }
    int longest = 0;
    long from = batch * course.globalBatch();
    long to = Math.min(from + course.globalBatch(), sampler.size());
    for (long position = from; position < to; position++) {
      longest = Math.max(longest, lengthOf.applyAsInt(sampler.index(course.epoch(), position)));
    }
    return buckets.lengthFor(longest);
  }

  @Override
  public void close() {}
}
