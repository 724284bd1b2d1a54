package io.lazytensor.xla.proto;

/** How many elements the short forms in one file may expand to. */
final class Budget {
  private long left = 1 << 22;

  boolean take(long elements) {
    left -= elements;
    return left >= 0;
  }
}
