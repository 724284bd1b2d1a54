package io.lazytensor.examples.regions;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceInfo;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryPlan;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Another backend, whose executables' memory is remembered. */
final class WatchedBackend implements Backend {
  private final Backend real;
  private final List<MemoryPlan> plans = new CopyOnWriteArrayList<>();

  WatchedBackend(Backend real) {
    this.real = real;
  }

  List<MemoryPlan> plans() {
    return plans;
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public String engine() {
    return real.engine();
  }

  @Override
  public List<DeviceInfo> devices() {
    return real.devices();
  }

  @Override
  public Executable compile(HloModule module, CompileOptions options) {
    Executable compiled = real.compile(module, options);
    plans.add(compiled.memory());
    return compiled;
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    return real.upload(source, device);
  }

  @Override
  public MemoryUsage memoryUsage(int device) {
    return real.memoryUsage(device);
  }

  @Override
  public void close() {
    real.close();
  }
}
