package io.lazytensor.data;

/**
 * Hashes of small tuples of numbers, equal in every process.
 *
 * <p>Source: the finalizer of SplitMix64, Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, 2014.
 */
final class Mix {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Mix() {}

  static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  static long hash(long a, long b) {
    return mix(mix(a + GOLDEN) + (b + 1) * GOLDEN);
  }

  static long hash(long a, long b, long c) {
    return hash(hash(a, b), c);
  }

  static long hash(long a, long b, long c, long d) {
    return hash(hash(a, b, c), d);
  }

  /** Returns a number from 0 to 1, 1 left out, of 53 bits of a hash. */
  static double unit(long hash) {
    return (hash >>> 11) * 0x1p-53;
  }
}
