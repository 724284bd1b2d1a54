package io.lazytensor.data;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What a transform makes of each record. */
record TransformedDataset<T, R>(Dataset<T> source, Transform<? super T, ? extends R> transform)
    implements Dataset<R> {
  @Override
  public long size() {
    return source.size();
  }

  @Override
  public R get(long index) {
    return get(index, new SplittableRandom(index));
  }

  @Override
  public R get(long index, RandomGenerator random) {
    return transform.apply(source.get(index, random), random);
  }

  @Override
  public String describe(long index) {
    return source.describe(index);
  }

  @Override
  public String fingerprint() {
    return source.fingerprint();
  }
}
