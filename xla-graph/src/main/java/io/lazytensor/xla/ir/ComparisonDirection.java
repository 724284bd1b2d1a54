package io.lazytensor.xla.ir;

/** What {@code compare} asks; NaN is unequal to everything and otherwise unordered. */
public enum ComparisonDirection {
  /** Equal. */
  EQ,
  /** Not equal. */
  NE,
  /** Greater or equal. */
  GE,
  /** Greater. */
  GT,
  /** Less or equal. */
  LE,
  /** Less. */
  LT
}
