package io.lazytensor.data;

import io.lazytensor.xla.ir.LazyTensorException;
import org.jspecify.annotations.Nullable;

/**
 * Data that is missing, damaged or not what was declared. The message says which file, record and
 * field, what was expected, and what was got.
 */
public final class DataException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public DataException(String message) {
    super(message);
  }

  /** Creates the exception with the failure behind it. */
  public DataException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
