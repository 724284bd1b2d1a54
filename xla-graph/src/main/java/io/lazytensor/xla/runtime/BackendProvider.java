package io.lazytensor.xla.runtime;

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

  /**
   * Opens the backend.
   *
   * @throws DeviceException if it cannot be opened
   */
  Backend open(BackendOptions options);
}
