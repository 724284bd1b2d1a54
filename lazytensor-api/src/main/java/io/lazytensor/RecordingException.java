package io.lazytensor;

import io.lazytensor.xla.ir.LazyTensorException;

/** A program that breaks a rule of recording; what was recorded before it is unharmed. */
public final class RecordingException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public RecordingException(String message) {
    super(message);
  }
}
