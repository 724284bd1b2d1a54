package io.lazytensor.examples.mlp;

import io.lazytensor.xla.ir.LazyTensorException;
import org.jspecify.annotations.Nullable;

/** Training data that is missing or damaged. */
public final class DataException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public DataException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
