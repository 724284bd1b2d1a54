package io.lazytensor.data;

/**
 * The tokens of one record.
 *
 * @param ids their numbers
 * @param truncated whether the text had more than were allowed
 */
public record TokenIds(int[] ids, boolean truncated) {
  /** Wraps the tokens of a text that was not cut. */
  public static TokenIds of(int... ids) {
    return new TokenIds(ids, false);
  }

  /** Returns how many there are. */
  public int length() {
    return ids.length;
  }
}
