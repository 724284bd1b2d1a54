package io.lazytensor.data;

import java.util.List;
import java.util.function.Supplier;

/**
 * The records of this rank in one global batch, not read yet.
 *
 * @param number the batch within its epoch, from 0
 * @param records at most as many as the rank has rows
 * @param length the bucket all ranks use, or 0 if the longest record decides
 */
record BatchPlan<T>(long number, List<Planned<T>> records, int length) {
  /**
   * A record that is to be read.
   *
   * @param entry reads it
   * @param key what its random numbers depend on, beside seed and epoch
   * @param where names it in messages
   */
  record Planned<T>(StreamDataset.RecordStream.Entry<T> entry, long key, Supplier<String> where) {}
}
