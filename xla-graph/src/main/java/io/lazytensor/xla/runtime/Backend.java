package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.List;
import java.util.Optional;

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

  /**
   * Returns everything a serialized executable depends on beside the module and the options: the
   * compiler with its version, the machine. Empty if executables cannot be serialized.
   */
  default Optional<String> fingerprint() {
    return Optional.empty();
  }

  /**
   * Loads what {@link Executable#serialize} of a backend with the same {@link #fingerprint} made.
   *
   * @param module the module it was compiled from
   * @param options the options it was compiled with
   * @throws UnsupportedException if this backend cannot
   * @throws DeviceException if it is damaged, or of another module
   */
  default Executable deserialize(byte[] serialized, HloModule module, CompileOptions options) {
    throw new UnsupportedException("backend " + name() + " cannot load serialized executables");
  }

  /**
   * Copies an array to a device. The source may be reused once this returns. Any thread may call
   * this, also while an executable runs.
   */
  DeviceBuffer upload(HostBuffer source, int device);

  /** Returns what is allocated now. */
  MemoryUsage memoryUsage(int device);

  /** Frees everything; buffers and executables of this backend are dead afterwards. */
  @Override
  void close();
}
