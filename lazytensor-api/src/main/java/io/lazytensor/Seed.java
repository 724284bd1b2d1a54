package io.lazytensor;

/**
 * Where a stream of random numbers starts. Equal seeds give equal numbers on every backend.
 *
 * @param value 64 bits
 */
public record Seed(long value) {
  /** Returns the seed with this value. */
  public static Seed of(long value) {
    return new Seed(value);
  }
}
