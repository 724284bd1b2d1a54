package io.lazytensor.xla.ir;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An immutable list of integers compared by content: dimension sizes, dimension numbers, strides.
 */
public final class Dims {
  private static final Dims EMPTY = new Dims(new int[0]);

  private final int[] values;

  private Dims(int[] values) {
    this.values = values;
  }

  /** Returns a list of the given values. */
  public static Dims of(int... values) {
    return values.length == 0 ? EMPTY : new Dims(values.clone());
  }

  /** Returns {@code 0, 1, …, n - 1}. */
  public static Dims range(int n) {
    return n == 0 ? EMPTY : new Dims(IntStream.range(0, n).toArray());
  }

  /** Returns {@code n} times the same value. */
  public static Dims filled(int n, int value) {
    int[] out = new int[n];
    Arrays.fill(out, value);
    return n == 0 ? EMPTY : new Dims(out);
  }

  /** Returns how many values there are. */
  public int size() {
    return values.length;
  }

  /** Returns whether there are none. */
  public boolean isEmpty() {
    return values.length == 0;
  }

  /** Returns the value at a position. */
  public int get(int index) {
    return values[index];
  }

  /** Returns the position of a value, or -1. */
  public int indexOf(int value) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == value) {
        return i;
      }
    }
    return -1;
  }

  /** Returns whether a value occurs. */
  public boolean contains(int value) {
    return indexOf(value) >= 0;
  }

  /** Returns a fresh array of the values. */
  public int[] toArray() {
    return values.clone();
  }

  /** Returns the values as {@code long}s, in a fresh array. */
  public long[] toLongArray() {
    return Arrays.stream(values).asLongStream().toArray();
  }

  /** Returns the values in order. */
  public IntStream stream() {
    return Arrays.stream(values);
  }

  /** Returns whether the values equal those of an array, without allocating. */
  public boolean contentEquals(int[] other) {
    return Arrays.equals(values, other);
  }

  /** Returns the product of the values; 1 if there are none. */
  public long product() {
    long product = 1;
    for (int value : values) {
      product = Math.multiplyExact(product, value);
    }
    return product;
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Dims that && Arrays.equals(values, that.values));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  /** Returns the values separated by commas, without brackets. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      out.append(i == 0 ? "" : ",").append(values[i]);
    }
    return out.toString();
  }
}
