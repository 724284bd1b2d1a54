package io.lazytensor.data;

import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Records that are read in the order of their files. A loader shuffles them within windows.
 * PyTorch: {@code IterableDataset}.
 *
 * @param <T> a record
 */
public interface StreamDataset<T> {
  /**
   * Begins to read.
   *
   * @param fromRecord how many records to pass over; beyond the end there are none
   */
  RecordStream<T> open(long fromRecord);

  /** Returns what tells these records from others, see {@link Fingerprint}. */
  String fingerprint();

  /** Returns what a function makes of each record. */
  default <R> StreamDataset<R> map(Function<? super T, ? extends R> function) {
    return transform((record, _) -> function.apply(record));
  }

  /** Returns what a transform makes of each record. */
  default <R> StreamDataset<R> transform(Transform<? super T, ? extends R> transform) {
    return new StreamDataset<>() {
      @Override
      public RecordStream<R> open(long fromRecord) {
        return new TransformedStream<>(StreamDataset.this.open(fromRecord), transform);
      }

      @Override
      public String fingerprint() {
        return StreamDataset.this.fingerprint();
      }
    };
  }

  /**
   * An open stream. Used by one thread at a time.
   *
   * @param <T> a record
   */
  interface RecordStream<T> extends AutoCloseable {
    /** What the loader's threads turn into a record: reading is in order, parsing need not be. */
    @FunctionalInterface
    interface Entry<T> {
      /**
       * Returns the record. Called once, by any thread.
       *
       * @throws DataException if the record is empty or malformed
       */
      T read(RandomGenerator random);
    }

    /**
     * Goes to the next record.
     *
     * @return whether there is one
     * @throws DataException if nothing more can be read
     */
    boolean advance();

    /** Returns the current record, to be parsed later. */
    Entry<T> entry();

    /** Returns where the current record is, for messages: {@code pairs.tsv:17}. */
    String describe();

    @Override
    void close();
  }
}
