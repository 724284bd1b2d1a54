package io.lazytensor.data;

/**
 * A pseudorandom permutation of {@code 0 … size - 1}, computed position by position: a Feistel
 * network over the next power of four, walked until it lands inside.
 *
 * <p>Source: Black, Rogaway: Ciphers with arbitrary finite domains, 2002.
 */
final class Permutation {
  private static final int ROUNDS = 8;
  // Tiny networks reach few permutations.
  private static final int MIN_HALF_BITS = 3;

  private final long size;
  private final int halfBits;
  private final long mask;
  private final long[] keys = new long[ROUNDS];

  Permutation(long size, long key) {
    this.size = size;
    int bits = 64 - Long.numberOfLeadingZeros(Math.max(size - 1, 1));
    this.halfBits = Math.max((bits + 1) / 2, MIN_HALF_BITS);
    this.mask = (1L << halfBits) - 1;
    for (int i = 0; i < ROUNDS; i++) {
      keys[i] = Mix.hash(key, i);
    }
  }

  /** Returns what is at a position from 0 to {@code size - 1}. */
  long at(long position) {
    long value = position;
    do {
      value = network(value);
    } while (value >= size);
    return value;
  }

  private long network(long value) {
    long left = value >>> halfBits;
    long right = value & mask;
    for (long key : keys) {
      long next = left ^ (Mix.mix(right + key) & mask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }
}
