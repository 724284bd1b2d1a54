package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.UnsupportedException;
import java.util.List;

/** A compiled module. */
public interface Executable extends AutoCloseable {
  /**
   * Runs it to completion on the calling thread. One execution at a time.
   *
   * <p>Arguments named in the module's aliases are donated: they are dead afterwards, also when the
   * execution fails. Each result is a buffer of its own, never an argument that was not donated.
   *
   * @param arguments one buffer for each entry parameter
   * @return one buffer for each element of the root tuple, owned by the caller
   * @throws DeviceException if the device fails
   */
  DeviceBuffer[] execute(DeviceBuffer[] arguments);

  /**
   * Runs all replicas of the module at once, each with its own arguments.
   *
   * @param arguments for each replica, one buffer for each entry parameter
   * @return for each replica, one buffer for each element of the root tuple
   * @throws UnsupportedException if the backend runs one replica only
   * @throws DeviceException if a device fails
   */
  default DeviceBuffer[][] executeReplicas(DeviceBuffer[][] arguments) {
    throw new UnsupportedException(
        "this backend runs one replica; use a backend with more devices");
  }

  /** Returns what it needs. */
  MemoryPlan memory();

  /**
   * Returns a form the persistent cache can store, for {@link Backend#deserialize}.
   *
   * @throws UnsupportedException if the backend has none
   */
  default byte[] serialize() {
    throw new UnsupportedException("this backend's executables cannot be serialized");
  }

  /** Frees it. */
  @Override
  void close();

  /** Returns the element count check shared by backends: arguments against parameters. */
  static void checkArguments(List<?> shapes, DeviceBuffer[] arguments) {
    if (shapes.size() != arguments.length) {
      throw new DeviceException(
          "the executable takes " + shapes.size() + " arguments, got " + arguments.length);
    }
    for (int i = 0; i < arguments.length; i++) {
      if (!shapes.get(i).equals(arguments[i].shape())) {
        throw new DeviceException(
            "argument " + i + ": expected " + shapes.get(i) + ", got " + arguments[i].shape());
      }
    }
  }
}
