package io.lazytensor.xla.npy;

import io.lazytensor.xla.ir.LazyTensorException;
import org.jspecify.annotations.Nullable;

/** A {@code .npy} file that is damaged, or holds another array than expected. */
public final class NpyException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public NpyException(String message) {
    super(message);
  }

  /** Creates the exception with the failure behind it. */
  public NpyException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
