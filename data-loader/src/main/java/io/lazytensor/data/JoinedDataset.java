package io.lazytensor.data;

import java.util.List;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/** The records of several data sets, one after the other. */
final class JoinedDataset<T> implements Dataset<T> {
  private final List<Dataset<? extends T>> parts;
  private final long size;

  JoinedDataset(List<Dataset<? extends T>> parts) {
    this.parts = parts;
    this.size = parts.stream().mapToLong(Dataset::size).sum();
  }

  private <R> R within(long index, BiFunction<Dataset<? extends T>, Long, R> use) {
    long left = index;
    for (Dataset<? extends T> part : parts) {
      if (left >= 0 && left < part.size()) {
        return use.apply(part, left);
      }
      left -= part.size();
    }
    throw new DataException(
        "index %d is out of range: the data set has %d records".formatted(index, size));
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public T get(long index) {
    return this.<T>within(index, (part, at) -> part.get(at));
  }

  @Override
  public T get(long index, RandomGenerator random) {
    return this.<T>within(index, (part, at) -> part.get(at, random));
  }

  @Override
  public String describe(long index) {
    return within(index, (part, at) -> part.describe(at));
  }

  @Override
  public String fingerprint() {
    Fingerprint out = Fingerprint.of("concat");
    parts.forEach(part -> out.add(part.fingerprint()));
    return out.toString();
  }
}
