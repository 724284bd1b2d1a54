package io.lazytensor.nn;

/** What becomes of a loss per element: PyTorch's {@code reduction}. */
public enum Reduction {
  /** The losses stay as they are. */
  NONE,
  /** The mean; of a classification loss over the targets that count. */
  MEAN,
  /** The sum. */
  SUM
}
