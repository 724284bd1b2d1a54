package io.lazytensor.data;

import io.lazytensor.Seed;
import java.util.function.LongUnaryOperator;
import java.util.random.RandomGenerator;

/** Some of the records of a data set, in an order of its own. */
record DatasetView<T>(Dataset<T> source, long size, LongUnaryOperator at, String fingerprint)
    implements Dataset<T> {

  static <T> DatasetView<T> select(Dataset<T> source, long[] indices) {
    Fingerprint fingerprint = Fingerprint.of("select").add(source.fingerprint());
    for (long index : indices) {
      if (index < 0 || index >= source.size()) {
        throw new DataException(
            "index %d is out of range: the data set has %d records"
                .formatted(index, source.size()));
      }
      fingerprint.add(index);
    }
    return new DatasetView<>(
        source, indices.length, i -> indices[Math.toIntExact(i)], fingerprint.toString());
  }

  static <T> DatasetView<T> subset(Dataset<T> source, long from, long to) {
    if (from < 0 || to > source.size() || from > to) {
      throw new DataException(
          "records %d to %d are out of range or order: the data set has %d records"
              .formatted(from, to, source.size()));
    }
    Fingerprint fingerprint = Fingerprint.of("subset").add(source.fingerprint()).add(from).add(to);
    return new DatasetView<>(source, to - from, i -> from + i, fingerprint.toString());
  }

  static <T> DatasetView<T> permuted(Dataset<T> source, Seed seed, long from, long to) {
    Permutation permutation = new Permutation(source.size(), seed.value());
    Fingerprint fingerprint =
        Fingerprint.of("split").add(source.fingerprint()).add(seed.value()).add(from).add(to);
    return new DatasetView<>(
        source, to - from, i -> permutation.at(from + i), fingerprint.toString());
  }

  @Override
  public T get(long index) {
    return source.get(at.applyAsLong(checked(index)));
  }

  @Override
  public T get(long index, RandomGenerator random) {
    return source.get(at.applyAsLong(checked(index)), random);
  }

  private long checked(long index) {
    if (index < 0 || index >= size) {
      throw new DataException(
          "index %d is out of range: the data set has %d records".formatted(index, size));
    }
    return index;
  }

  @Override
  public String describe(long index) {
    return source.describe(at.applyAsLong(checked(index)));
  }
}
