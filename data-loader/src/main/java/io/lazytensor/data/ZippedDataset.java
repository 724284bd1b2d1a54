package io.lazytensor.data;

import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/** One record for each two at the same index. */
record ZippedDataset<T, U, R>(
    Dataset<T> first, Dataset<U> second, BiFunction<? super T, ? super U, ? extends R> function)
    implements Dataset<R> {
  ZippedDataset {
    if (first.size() != second.size()) {
      throw new DataException(
          "data sets of %d and %d records cannot be zipped; there must be as many of each"
              .formatted(first.size(), second.size()));
    }
  }

  @Override
  public long size() {
    return first.size();
  }

  @Override
  public R get(long index) {
    return function.apply(first.get(index), second.get(index));
  }

  @Override
  public R get(long index, RandomGenerator random) {
    return function.apply(first.get(index, random), second.get(index, random));
  }

  @Override
  public String describe(long index) {
    return first.describe(index);
  }

  @Override
  public String fingerprint() {
    return Fingerprint.of("zip").add(first.fingerprint()).add(second.fingerprint()).toString();
  }
}
