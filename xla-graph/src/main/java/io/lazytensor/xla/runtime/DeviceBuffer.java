package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.ArrayShape;

/**
 * An array in device memory, owned by whoever holds it and counted in its backend's ledger. Not
 * thread-safe.
 */
public interface DeviceBuffer {
  /** Returns type and dimension sizes. */
  ArrayShape shape();

  /** Returns the device's index within its backend. */
  int device();

  /**
   * Copies the content to the host; waits until it is there.
   *
   * @throws DeviceException if the buffer was released or donated, or the device failed
   */
  void download(HostBuffer target);

  /** Frees the memory. Releasing twice is a no-op. */
  void release();

  /** Returns whether the memory was freed or donated. */
  boolean isReleased();
}
