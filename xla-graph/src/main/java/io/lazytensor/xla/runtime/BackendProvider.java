package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOpcode;
import java.util.EnumSet;
import java.util.Set;

/**
 * Offers a backend under a device name. Found by {@link java.util.ServiceLoader}; creating a
 * provider must not load native code.
 */
public interface BackendProvider {
  /** Returns the name before the colon in a device name, such as {@code cpu-reference}. */
  String name();

  /** Returns whether the backend can be opened here, or why not and what to do. */
  Availability availability();

  /** Returns the preference among the providers that can serve the name {@code cpu}; 0 if none. */
  default int cpuPreference() {
    return 0;
  }

  /** Returns the operations this backend claims to run. Others are refused by name at compile. */
  default Set<HloOpcode> opcodes() {
    return EnumSet.allOf(HloOpcode.class);
  }

  /** Returns the element types this backend claims to compute with. */
  default Set<DType> types() {
    return EnumSet.allOf(DType.class);
  }

  /**
   * Opens the backend.
   *
   * @throws DeviceException if it cannot be opened
   */
  Backend open(BackendOptions options);
}
