package io.lazytensor.data;

import org.jspecify.annotations.Nullable;

/** Says batch by batch which records an epoch has. Used by one thread at a time. */
interface Plans<T> extends AutoCloseable {
  /** Returns the next batch, or null at the end of the epoch. */
  @Nullable BatchPlan<T> next();

  @Override
  void close();

  /**
   * Where and how an epoch is read.
   *
   * @param epoch from 0
   * @param firstBatch the first global batch
   * @param globalBatch records of a batch on all ranks
   */
  record Course(long epoch, long firstBatch, int globalBatch, Shard shard, Tail tail) {
    /** Returns the first position of this rank in a batch. */
    long from(long batch) {
      return batch * globalBatch + (long) shard.rank() * rows();
    }

    int rows() {
      return shard.rows(globalBatch);
    }
  }
}
