package io.lazytensor.data;

import io.lazytensor.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Records that can be read in any order, by several threads at a time. PyTorch: a map-style {@code
 * Dataset}.
 *
 * @param <T> a record
 */
public interface Dataset<T> {
  /** Returns how many records there are. */
  long size();

  /**
   * Reads a record.
   *
   * @param index from 0 to {@code size() - 1}
   * @throws DataException if the record is empty or malformed; the message says where it is
   */
  T get(long index);

  /**
   * Reads a record that may be changed at random, see {@link #transform}.
   *
   * @param random seeded from the loader's seed, the epoch and the record
   */
  default T get(long index, RandomGenerator random) {
    return get(index);
  }

  /** Returns where a record is, for messages: {@code pairs.tsv:17}. */
  default String describe(long index) {
    return "record " + index;
  }

  /**
   * Returns what tells these records from others, see {@link Fingerprint}. A loader refuses to go
   * on at a position within other data.
   */
  String fingerprint();

  /**
   * Returns the records of a list, which must not change any more. The fingerprint is of their
   * number, and of their content if they are strings, numbers, or records of these.
   */
  static <T> Dataset<T> of(List<? extends T> records) {
    return new ListDataset<>(List.copyOf(records));
  }

  /** Returns what a function makes of each record. It runs again at each read. */
  default <R> Dataset<R> map(Function<? super T, ? extends R> function) {
    return transform((record, _) -> function.apply(record));
  }

  /** Returns what a transform makes of each record. It runs again at each read. */
  default <R> Dataset<R> transform(Transform<? super T, ? extends R> transform) {
    return new TransformedDataset<>(this, transform);
  }

  /**
   * Returns the records at some indices, in their order. PyTorch: {@code Subset}.
   *
   * @throws DataException if an index is out of range
   */
  default Dataset<T> select(long... indices) {
    return DatasetView.select(this, indices.clone());
  }

  /** Returns the records a predicate holds for; it reads every record once, now. */
  default Dataset<T> filter(Predicate<? super T> predicate) {
    List<Long> kept = new ArrayList<>();
    for (long i = 0; i < size(); i++) {
      if (predicate.test(get(i))) {
        kept.add(i);
      }
    }
    return select(kept.stream().mapToLong(Long::longValue).toArray());
  }

  /**
   * Returns the records from one index to another, which is left out.
   *
   * @throws DataException if they are out of range or order
   */
  default Dataset<T> subset(long from, long to) {
    return DatasetView.subset(this, from, to);
  }

  /** Returns these records and then those of another data set. */
  default Dataset<T> concat(Dataset<? extends T> other) {
    return new JoinedDataset<>(List.of(this, other));
  }

  /**
   * Returns one record for each two at the same index. PyTorch: {@code TensorDataset}.
   *
   * @throws DataException if the other data set has another size
   */
  default <U, R> Dataset<R> zip(
      Dataset<U> other, BiFunction<? super T, ? super U, ? extends R> function) {
    return new ZippedDataset<>(this, other, function);
  }

  /**
   * Splits the records at random. PyTorch: {@code random_split}.
   *
   * @param fraction the part of the records the first data set gets, from 0 to 1
   */
  default Split<T> split(double fraction, Seed seed) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new DataException("a split needs a fraction from 0 to 1, got " + fraction);
    }
    long first = Math.round(size() * fraction);
    return new Split<>(
        DatasetView.permuted(this, seed, 0, first),
        DatasetView.permuted(this, seed, first, size()));
  }

  /**
   * Two data sets without a record in common.
   *
   * @param first the part that was asked for
   * @param second the other records
   */
  record Split<T>(Dataset<T> first, Dataset<T> second) {}
}
