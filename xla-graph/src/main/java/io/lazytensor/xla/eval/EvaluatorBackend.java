package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.DeviceInfo;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryPlan;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A backend that evaluates. It keeps to the rules of donation and ownership like a real device. */
public final class EvaluatorBackend implements Backend {
  private final AtomicLong liveBytes = new AtomicLong();
  private final AtomicLong liveBuffers = new AtomicLong();
  private final AtomicLong peakBytes = new AtomicLong();
  private final AtomicLong compiles = new AtomicLong();

  @Override
  public String name() {
    return "evaluator";
  }

  @Override
  public String engine() {
    return "evaluator (plain Java)";
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(new DeviceInfo(0, "Java heap", -1));
  }

  /** Returns how many modules were compiled. */
  public long compiles() {
    return compiles.get();
  }

  @Override
  public Executable compile(HloModule module, CompileOptions options) {
    compiles.incrementAndGet();
    return new Evaluation(module);
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    return new HeapBuffer(Literal.ofSegment(source.shape(), source.data()));
  }

  @Override
  public MemoryUsage memoryUsage(int device) {
    return new MemoryUsage(liveBytes.get(), liveBuffers.get(), peakBytes.get());
  }

  @Override
  public void close() {}

  private final class HeapBuffer implements DeviceBuffer {
    private final ArrayShape shape;
    private @Nullable Literal content;

    HeapBuffer(Literal content) {
      this.shape = content.shape();
      this.content = content;
      long live = liveBytes.addAndGet(shape.byteSize());
      liveBuffers.incrementAndGet();
      peakBytes.accumulateAndGet(live, Math::max);
    }

    @Override
    public ArrayShape shape() {
      return shape;
    }

    @Override
    public int device() {
      return 0;
    }

    Literal content() {
      if (content == null) {
        throw new DeviceException("a buffer of " + shape + " was released or donated already");
      }
      return content;
    }

    @Override
    public void download(HostBuffer target) {
      MemorySegment source = content().segment();
      MemorySegment.copy(source, 0, target.data(), 0, source.byteSize());
    }

    @Override
    public void release() {
      if (content != null) {
        content = null;
        liveBytes.addAndGet(-shape.byteSize());
        liveBuffers.decrementAndGet();
      }
    }

    @Override
    public boolean isReleased() {
      return content == null;
    }
  }

  private final class Evaluation implements Executable {
    private final HloModule module;

    Evaluation(HloModule module) {
      this.module = module;
    }

    @Override
    public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
      Executable.checkArguments(module.parameterShapes(), arguments);
      List<Literal> values = new ArrayList<>(arguments.length);
      for (DeviceBuffer argument : arguments) {
        values.add(((HeapBuffer) argument).content());
      }
      for (InputOutputAlias alias : module.aliases()) {
        arguments[alias.parameter()].release();
      }
      return HloEvaluator.evaluate(module, values).stream()
          .map(HeapBuffer::new)
          .toArray(DeviceBuffer[]::new);
    }

    @Override
    public MemoryPlan memory() {
      long arguments = module.parameterShapes().stream().mapToLong(Shape::byteSize).sum();
      long outputs = module.outputShapes().stream().mapToLong(Shape::byteSize).sum();
      long aliased =
          module.aliases().stream()
              .mapToLong(alias -> module.outputShapes().get(alias.output()).byteSize())
              .sum();
      return new MemoryPlan(arguments, outputs, aliased, 0, 0);
    }

    @Override
    public void close() {}
  }
}
