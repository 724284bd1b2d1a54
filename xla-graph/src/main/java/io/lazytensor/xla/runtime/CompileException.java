package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.LazyTensorException;
import org.jspecify.annotations.Nullable;

/** A module a backend cannot compile; the message names the operation and its source line. */
public final class CompileException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public CompileException(String message) {
    super(message);
  }

  /** Creates the exception with the failure behind it. */
  public CompileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
