package io.lazytensor.internal.run;

import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.MemoryPlan;

/** An executable with its number, and whether the cache had to let it go. */
final class CompiledGraph implements Executable {
  private final int number;
  private final Executable executable;
  private final boolean loaded;
  private volatile boolean evicted;

  CompiledGraph(int number, Executable executable, boolean loaded) {
    this.loaded = loaded;
    this.number = number;
    this.executable = executable;
  }

  int number() {
    return number;
  }

  /** Returns whether an earlier process compiled it. */
  boolean isLoaded() {
    return loaded;
  }

  boolean isEvicted() {
    return evicted;
  }

  void evict() {
    evicted = true;
  }

  @Override
  public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
    return executable.execute(arguments);
  }

  @Override
  public MemoryPlan memory() {
    return executable.memory();
  }

  @Override
  public void close() {
    executable.close();
  }
}
