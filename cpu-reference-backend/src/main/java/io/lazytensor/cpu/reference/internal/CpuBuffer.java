package io.lazytensor.cpu.reference.internal;

import io.lazytensor.cpu.reference.internal.memory.NativeMemory;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A dense array in native memory. */
final class CpuBuffer implements DeviceBuffer {
  private final CpuBackend backend;
  private final ArrayShape shape;
  private NativeMemory.@Nullable Block block;
  private boolean donated;

  /** Which execution this is being donated to; executions number themselves. */
  long donationMark;

  CpuBuffer(CpuBackend backend, ArrayShape shape, NativeMemory.Block block) {
    this.backend = backend;
    this.shape = shape;
    this.block = block;
    backend.memory().countBuffers(1);
  }

  CpuBackend backend() {
    return backend;
  }

  @Override
  public ArrayShape shape() {
    return shape;
  }

  @Override
  public int device() {
    return 0;
  }

  /** Returns the memory, or throws if it is gone. */
  NativeMemory.Block block() {
    NativeMemory.Block current = block;
    if (current == null || backend.isClosed()) {
      throw new DeviceException(
          "buffer "
              + shape
              + " on cpu-reference was "
              + (donated
                  ? "donated to an execution; use the result that took over its memory"
                  : current == null ? "released" : "on a device that is closed"));
    }
    return current;
  }

  /** Gives up the memory without freeing it. */
  NativeMemory.Block donate() {
    NativeMemory.Block current = block();
    block = null;
    donated = true;
    backend.memory().countBuffers(-1);
    return current;
  }

  @Override
  public void download(HostBuffer target) {
    if (!target.shape().equals(shape)) {
      throw new DeviceException(
          "download: the buffer is " + shape + ", the target " + target.shape());
    }
    MemorySegment.copy(block().segment(), 0, target.data(), 0, shape.byteSize());
  }

  @Override
  public void release() {
    NativeMemory.Block current = block;
    block = null;
    if (current != null && !backend.isClosed()) {
      backend.memory().countBuffers(-1);
      backend.memory().free(current);
    }
  }

  @Override
  public boolean isReleased() {
    return block == null || backend.isClosed();
  }
}
