package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.LazyTensorException;
import org.jspecify.annotations.Nullable;

/** A device that is missing, failed, or was used wrongly. */
public class DeviceException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public DeviceException(String message) {
    super(message);
  }

  /** Creates the exception with the failure behind it. */
  public DeviceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
