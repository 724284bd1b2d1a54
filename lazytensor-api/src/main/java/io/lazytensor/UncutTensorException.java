package io.lazytensor;

import io.lazytensor.xla.ir.LazyTensorException;

/** A value that was recorded and not cut: it does not exist anywhere yet. */
public final class UncutTensorException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public UncutTensorException(String message) {
    super(message);
  }
}
