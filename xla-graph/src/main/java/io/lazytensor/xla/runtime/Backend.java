package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.HloModule;
import java.util.List;

/** Compiles graphs for devices of one kind and moves data to them. */
public interface Backend extends AutoCloseable {
  /** Returns the device name users write, such as {@code cpu-reference}. */
  String name();

  /** Returns what really runs the graphs, with its version: {@code libtorch 2.13.0}. */
  String engine();

  /** Returns the devices, in index order. */
  List<DeviceInfo> devices();

  /**
   * Compiles a verified module.
   *
   * @throws io.lazytensor.xla.ir.UnsupportedException naming the operation or type and its source
   *     line, if this backend does not do it
   * @throws CompileException if compiling fails
   */
  Executable compile(HloModule module, CompileOptions options);

  /** Copies an array to a device. The source may be reused once this returns. */
  DeviceBuffer upload(HostBuffer source, int device);

  /** Returns what is allocated now. */
  MemoryUsage memoryUsage(int device);

  /** Frees everything; buffers and executables of this backend are dead afterwards. */
  @Override
  void close();
}
