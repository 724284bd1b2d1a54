package io.lazytensor.data;

/** What happens to the last records of an epoch, which do not fill a batch. */
public enum Tail {
  /** They are left out; with shuffling, others in each epoch. PyTorch: {@code drop_last=True}. */
  DROP,
  /** The batch is filled up with rows that do not count, see {@link Columns.Builder#weights}. */
  PAD
}
