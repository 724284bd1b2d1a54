package io.lazytensor.nn;

/** How an {@link EmbeddingBag} makes one row of several. */
public enum BagMode {
  /** The sum, which may be weighted. */
  SUM,
  /** The mean. */
  MEAN,
  /** The greatest of each column. */
  MAX
}
