package io.lazytensor.data;

import java.util.random.RandomGenerator;

/**
 * Turns a record into another, maybe at random.
 *
 * @param <T> what it takes
 * @param <R> what it gives
 */
@FunctionalInterface
public interface Transform<T, R> {
  /**
   * Turns a record into another. Runs on the loader's threads, several records at a time.
   *
   * @param random seeded from the loader's seed, the epoch and the record: the same whatever thread
   *     or rank asks
   */
  R apply(T record, RandomGenerator random);
}
