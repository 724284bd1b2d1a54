package io.lazytensor.xla.runtime;

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

  /** Returns what it needs. */
  MemoryPlan memory();

  /**
   * Returns a form the persistent cache can store.
   *
   * @throws UnsupportedOperationException if the backend has none
   */
  default byte[] serialize() {
    throw new UnsupportedOperationException("this backend's executables cannot be serialized");
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
