package io.lazytensor.autograd;

import io.lazytensor.xla.ir.LazyTensorException;

/** A gradient that does not exist. */
public final class GradientException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public GradientException(String message) {
    super(message);
  }
}
