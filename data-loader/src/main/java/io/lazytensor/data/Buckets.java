package io.lazytensor.data;

import java.util.Arrays;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The few lengths sequences are padded to, each of which is a graph of its own. A batch gets the
 * smallest that holds its longest record.
 */
public final class Buckets {
  private final int[] lengths;
  private final boolean refuseLonger;
  private final @Nullable LongToIntFunction lengthOf;
  private final int window;

  private Buckets(
      int[] lengths, boolean refuseLonger, @Nullable LongToIntFunction lengthOf, int window) {
    this.lengths = lengths;
    this.refuseLonger = refuseLonger;
    this.lengthOf = lengthOf;
    this.window = window;
  }

  /**
   * Returns buckets of these lengths. Longer records are cut, and counted, see {@link
   * LoaderStatistics}.
   *
   * @throws DataException if they are not positive and ascending
   */
  public static Buckets of(int... lengths) {
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] <= (i == 0 ? 0 : lengths[i - 1])) {
        throw new DataException(
            "buckets are positive lengths in ascending order, got " + Arrays.toString(lengths));
      }
    }
    if (lengths.length == 0) {
      throw new DataException("buckets need at least one length");
    }
    return new Buckets(lengths.clone(), false, null, 0);
  }

  /** Returns these buckets, which refuse records longer than the last. */
  public Buckets refuseLonger() {
    return new Buckets(lengths, true, lengthOf, window);
  }

  /**
   * Returns these buckets with the length of each record, known before it is read. Ranks need it to
   * agree on the bucket of a global batch.
   *
   * @param lengthOf gives the tokens of the record at an index; with several token columns, those
   *     of the longest
   */
  public Buckets lengths(LongToIntFunction lengthOf) {
    return new Buckets(lengths, refuseLonger, lengthOf, window);
  }

  /**
   * Returns these buckets for batches of records of similar length: within each window of so many
   * batches, records are ordered by length and the batches shuffled. Needs {@link #lengths}.
   */
  public Buckets groupWithin(int batches) {
    if (batches < 1) {
      throw new DataException("groupWithin takes at least 1 batch, got " + batches);
    }
    if (lengthOf == null) {
      throw new DataException("groupWithin needs to know lengths(…) first");
    }
    return new Buckets(lengths, refuseLonger, lengthOf, batches);
  }

  @Nullable LongToIntFunction lengthOf() {
    return lengthOf;
  }

  int count() {
    return lengths.length;
  }

  int window() {
    return window;
  }

  boolean refusesLonger() {
    return refuseLonger;
  }

  int longest() {
    return lengths[lengths.length - 1];
  }

  /** Returns the bucket for a batch whose longest record has so many tokens. */
  int lengthFor(int tokens) {
    for (int length : lengths) {
      if (tokens <= length) {
        return length;
      }
    }
    return longest();
  }

  @Override
  public String toString() {
    return Arrays.toString(lengths);
  }
}
