package io.lazytensor.checkpoint;

import io.lazytensor.xla.ir.LazyTensorException;

/**
 * A checkpoint that cannot be read or written. The message says which file, where, what was
 * expected, and what was got.
 */
public final class CheckpointException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public CheckpointException(String message) {
    super(message);
  }

  /** Creates the exception with the failure behind it. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
