package io.lazytensor.cli.plugin;

import io.lazytensor.xla.ir.LazyTensorException;
import org.jspecify.annotations.Nullable;

/** A plug-in that cannot be fetched, unpacked or removed. The message says what to do. */
final class PluginException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  PluginException(String message) {
    super(message);
  }

  PluginException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
