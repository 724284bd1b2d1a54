package io.lazytensor.observe;

import io.lazytensor.xla.ir.LazyTensorException;

/** A step computed NaN or an infinity, and the device was asked to look for them. */
public final class NonFiniteException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public NonFiniteException(String message) {
    super(message);
  }
}
