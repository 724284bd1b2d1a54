package io.lazytensor.benchmarks;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceInfo;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryPlan;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.util.List;

/** A device that does nothing, at once: what is left is the cost of recording and handing over. */
final class IdleBackend implements Backend {
  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String engine() {
    return "nothing";
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(new DeviceInfo(0, "idle", -1));
  }

  @Override
  public Executable compile(HloModule module, CompileOptions options) {
    return new Idle(module);
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    return new Nothing(source.shape());
  }

  @Override
  public MemoryUsage memoryUsage(int device) {
    return new MemoryUsage(0, 0, 0);
  }

  @Override
  public void close() {}

  private static final class Nothing implements DeviceBuffer {
    private final ArrayShape shape;
    private boolean released;

    Nothing(ArrayShape shape) {
      this.shape = shape;
    }

    @Override
    public ArrayShape shape() {
      return shape;
    }

    @Override
    public int device() {
      return 0;
    }

    @Override
    public void download(HostBuffer target) {}

    @Override
    public void release() {
      released = true;
    }

    @Override
    public boolean isReleased() {
      return released;
    }
  }

  private static final class Idle implements Executable {
    private final HloModule module;
    private final ArrayShape[] outputs;
    private final int[] donor;

    Idle(HloModule module) {
      this.module = module;
      this.outputs = module.outputShapes().stream().map(Shape::asArray).toArray(ArrayShape[]::new);
      this.donor = new int[outputs.length];
      java.util.Arrays.fill(donor, -1);
      for (InputOutputAlias alias : module.aliases()) {
        donor[alias.output()] = alias.parameter();
      }
    }

    @Override
    public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
      DeviceBuffer[] results = new DeviceBuffer[outputs.length];
      for (int i = 0; i < results.length; i++) {
        results[i] = donor[i] >= 0 ? arguments[donor[i]] : new Nothing(outputs[i]);
      }
      return results;
    }

    @Override
    public MemoryPlan memory() {
      return new MemoryPlan(0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}
  }
}
