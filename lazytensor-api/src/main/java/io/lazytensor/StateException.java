package io.lazytensor;

import io.lazytensor.xla.ir.LazyTensorException;

/**
 * Saved state that does not fit what it is given to: an optimizer, a schedule, a loader. Nothing
 * was changed.
 */
public final class StateException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public StateException(String message) {
    super(message);
  }
}
