package io.lazytensor;

import io.lazytensor.internal.record.RecordLimits;
import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.xla.runtime.Backend;

/** Devices for tests. */
public final class Devices {
  private Devices() {}

  /** Opens a device on a backend, recording in a mode. */
  public static Device on(Backend backend, RecordMode mode) {
    return on(backend, mode, RecordLimits.DEFAULT);
  }

  /** Opens a device on a backend, recording in a mode within limits. */
  public static Device on(Backend backend, RecordMode mode, RecordLimits limits) {
    return Device.open(backend.name(), backend, 0, mode, limits);
  }
}
