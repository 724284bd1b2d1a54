package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.LazyTensorException;

/** A module that is not well formed. */
public final class VerificationException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message names the computation, the instruction and the rule. */
  public VerificationException(String message) {
    super(message);
  }
}
