package io.lazytensor.xla.ir;

import org.jspecify.annotations.Nullable;

/**
 * The root of all exceptions this library throws on purpose. Each message says what was expected,
 * what was got, where in the user's program, and what to do.
 */
public abstract class LazyTensorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a complete message. */
  protected LazyTensorException(String message) {
    super(message);
  }

  /** Creates an exception with a complete message and the failure behind it. */
  protected LazyTensorException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
