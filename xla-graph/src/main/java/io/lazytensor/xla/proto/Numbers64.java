package io.lazytensor.xla.proto;

import java.util.Arrays;

/** A growing list of {@code long}s. */
final class Numbers64 {
  static final Numbers64 EMPTY = new Numbers64();

  private long[] values = new long[4];
  private int size;

  void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  int size() {
    return size;
  }

  long get(int index) {
    return values[index];
  }
}
