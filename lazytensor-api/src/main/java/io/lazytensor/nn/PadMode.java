package io.lazytensor.nn;

/** What padding is filled with, if not with a number. */
public enum PadMode {
  /** The elements beside the edge, mirrored at it; the edge itself does not repeat. */
  REFLECT,
  /** The element at the edge. */
  REPLICATE,
  /** The elements at the other edge. */
  CIRCULAR;

  /** Returns how far a dimension of a size can be padded. */
  public int most(int size) {
    return switch (this) {
      case REFLECT -> Math.max(0, size - 1);
      case REPLICATE -> size == 0 ? 0 : Integer.MAX_VALUE;
      case CIRCULAR -> size;
    };
  }
}
