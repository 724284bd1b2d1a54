package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A backend of shapes only: it compiles and runs everything and computes nothing, results are
 * zeros. It collects the graphs a program needs, and keeps books on the memory they would take.
 */
public final class DryRunBackend implements Backend {
  private final List<HloModule> modules = new ArrayList<>();
  private long liveBytes;
  private long liveBuffers;
  private long peakBytes;

  @Override
  public String name() {
    return "dry-run";
  }

  @Override
  public String engine() {
    return "dry run (shapes only, results are zeros)";
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(new DeviceInfo(0, "no device", -1));
  }

  /** Returns what was compiled so far, in order. */
  public synchronized List<HloModule> modules() {
    return List.copyOf(modules);
  }

  @Override
  public synchronized Executable compile(HloModule module, CompileOptions options) {
    modules.add(module);
    return new DryRun(module);
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    return new Zeros(source.shape());
  }

  @Override
  public synchronized MemoryUsage memoryUsage(int device) {
    return new MemoryUsage(liveBytes, liveBuffers, peakBytes);
  }

  private synchronized void account(long bytes, int buffers) {
    liveBytes += bytes;
    liveBuffers += buffers;
    peakBytes = Math.max(peakBytes, liveBytes);
  }

  @Override
  public void close() {}

  private final class Zeros implements DeviceBuffer {
    private final ArrayShape shape;
    private boolean released;

    Zeros(ArrayShape shape) {
      this.shape = shape;
      account(shape.byteSize(), 1);
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
    public void download(HostBuffer target) {
      if (released) {
        throw new DeviceException("a buffer of " + shape + " was released or donated already");
      }
      target.data().asSlice(0, shape.byteSize()).fill((byte) 0);
    }

    @Override
    public void release() {
      if (!released) {
        released = true;
        account(-shape.byteSize(), -1);
      }
    }

    @Override
    public boolean isReleased() {
      return released;
    }
  }

  private final class DryRun implements Executable {
    private final HloModule module;

    DryRun(HloModule module) {
      this.module = module;
    }

    @Override
    public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
      Executable.checkArguments(module.parameterShapes(), arguments);
      for (DeviceBuffer argument : arguments) {
        if (argument.isReleased()) {
          throw new DeviceException(
              "an argument of " + argument.shape() + " was released or donated already");
        }
      }
      for (InputOutputAlias alias : module.aliases()) {
        arguments[alias.parameter()].release();
      }
      return module.outputShapes().stream()
          .map(shape -> new Zeros(shape.asArray()))
          .toArray(DeviceBuffer[]::new);
    }

    @Override
    public MemoryPlan memory() {
      return new MemoryPlan(
          bytes(module.parameterShapes()),
          bytes(module.outputShapes()),
          module.aliases().stream()
              .mapToLong(alias -> module.outputShapes().get(alias.output()).byteSize())
              .sum(),
          0,
          0);
    }

    private static long bytes(List<Shape> shapes) {
      return shapes.stream().mapToLong(Shape::byteSize).sum();
    }

    @Override
    public void close() {}
  }
}
