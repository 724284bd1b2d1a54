package io.lazytensor.internal.run;

import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import org.jspecify.annotations.Nullable;

/**
 * One value of a slot on the device. It exists from the cut that will compute it; the buffer
 * arrives when that execution ends. Only whoever holds the device's turn touches the buffer.
 */
public final class Data {
  private @Nullable DeviceBuffer buffer;
  private @Nullable Throwable failure;

  /** Creates a value that an execution will deliver. */
  public Data() {}

  /** Creates a value that is there. */
  public Data(DeviceBuffer buffer) {
    this.buffer = buffer;
  }

  void deliver(DeviceBuffer delivered) {
    buffer = delivered;
  }

  void fail(Throwable cause) {
    failure = cause;
    release();
  }

  /** Takes over another value's buffer: the execution that would have replaced it never began. */
  void adopt(Data earlier) {
    buffer = earlier.buffer;
    failure = earlier.failure;
    earlier.buffer = null;
  }

  /** Forgets a buffer that was donated or released. */
  void clear() {
    buffer = null;
  }

  void release() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  DeviceBuffer buffer(String name) {
    if (failure != null) {
      throw new DeviceException(
          "the value of "
              + name
              + " was lost when an earlier step failed on the device: "
              + failure.getMessage()
              + ". Load the model again with device.load(model, stateDict) before the next step.",
          failure);
    }
    if (buffer == null) {
      throw new DeviceException(
          name + " has no value on the device: it was released, or its device was closed.");
    }
    return buffer;
  }
}
