package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A backend that evaluates, with any number of devices. It keeps to the rules of donation and
 * ownership like a real device.
 */
public final class EvaluatorBackend implements Backend {
  private final CustomCalls customCalls;
  private final List<Ledger> ledgers = new ArrayList<>();
  private final AtomicLong compiles = new AtomicLong();

  /** Creates a backend with one device and the standard custom calls. */
  public EvaluatorBackend() {
    this(1, CustomCalls.standard());
  }

  /**
   * Creates a backend.
   *
   * @param devices how many devices, at least 1
   * @param customCalls the custom calls modules may make
   */
  public EvaluatorBackend(int devices, CustomCalls customCalls) {
    if (devices < 1) {
      throw new DeviceException("the evaluator has at least 1 device, got " + devices);
    }
    this.customCalls = customCalls;
    for (int i = 0; i < devices; i++) {
      ledgers.add(new Ledger());
    }
  }

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
    return IntStream.range(0, ledgers.size())
        .mapToObj(i -> new DeviceInfo(i, "Java heap", -1))
        .toList();
  }

  /** Returns how many modules were compiled. */
  public long compiles() {
    return compiles.get();
  }

  @Override
  public Executable compile(HloModule module, CompileOptions options) {
    customCalls.check(module);
    long needed = (long) module.replicas() * module.partitions();
    if (needed > ledgers.size()) {
      throw new UnsupportedException(
          "module %s runs on %d devices, this evaluator has %d; open it with the setting devices=%d"
              .formatted(module.name(), needed, ledgers.size(), needed));
    }
    compiles.incrementAndGet();
    return new Evaluation(module, options.device());
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    ledger(device);
    return new HeapBuffer(Literal.ofSegment(source.shape(), source.data()), device);
  }

  @Override
  public MemoryUsage memoryUsage(int device) {
    return ledger(device).usage();
  }

  private Ledger ledger(int device) {
    if (device < 0 || device >= ledgers.size()) {
      throw new DeviceException(
          "the evaluator has the devices 0 to %d, not %d".formatted(ledgers.size() - 1, device));
    }
    return ledgers.get(device);
  }

  @Override
  public void close() {}

  /** What one device holds. */
  private static final class Ledger {
    private long bytes;
    private long buffers;
    private long peak;

    synchronized void add(long moreBytes, int moreBuffers) {
      bytes += moreBytes;
      buffers += moreBuffers;
      peak = Math.max(peak, bytes);
    }

    synchronized MemoryUsage usage() {
      return new MemoryUsage(bytes, buffers, peak);
    }
  }

  private final class HeapBuffer implements DeviceBuffer {
    private final ArrayShape shape;
    private final int device;
    private @Nullable Literal content;

    HeapBuffer(Literal content, int device) {
      this.shape = content.shape();
      this.content = content;
      this.device = device;
      ledger(device).add(shape.byteSize(), 1);
    }

    @Override
    public ArrayShape shape() {
      return shape;
    }

    @Override
    public int device() {
      return device;
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
        ledger(device).add(-shape.byteSize(), -1);
      }
    }

    @Override
    public boolean isReleased() {
      return content == null;
    }
  }

  private final class Evaluation implements Executable {
    private final HloModule module;
    private final int device;
    private final List<ArrayShape> parameters;

    Evaluation(HloModule module, int device) {
      this.module = module;
      this.device = device;
      this.parameters = Values.leaves(module.parameterShapes());
    }

    @Override
    public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
      return run(new DeviceBuffer[][] {arguments}, device)[0];
    }

    @Override
    public DeviceBuffer[][] executeReplicas(DeviceBuffer[][] arguments) {
      return run(arguments, 0);
    }

    private DeviceBuffer[][] run(DeviceBuffer[][] arguments, int firstDevice) {
      int devices = module.replicas() * module.partitions();
      if (arguments.length != devices) {
        throw new DeviceException(
            "module %s runs on %d devices at once, got arguments for %d; use executeReplicas"
                .formatted(module.name(), devices, arguments.length));
      }
      List<List<Literal>> values = new ArrayList<>();
      for (DeviceBuffer[] ofDevice : arguments) {
        Executable.checkArguments(parameters, ofDevice);
        List<Literal> literals = new ArrayList<>(ofDevice.length);
        for (DeviceBuffer argument : ofDevice) {
          literals.add(((HeapBuffer) argument).content());
        }
        values.add(literals);
      }
      for (DeviceBuffer[] ofDevice : arguments) {
        donate(ofDevice);
      }
      List<List<Literal>> results = HloEvaluator.evaluateReplicas(module, values, customCalls);
      DeviceBuffer[][] out = new DeviceBuffer[results.size()][];
      for (int i = 0; i < out.length; i++) {
        int on = firstDevice + i;
        out[i] =
            results.get(i).stream()
                .map(result -> new HeapBuffer(result, on))
                .toArray(DeviceBuffer[]::new);
      }
      return out;
    }

    /** Releases the arrays of the parameters that results may take over. */
    private void donate(DeviceBuffer[] arguments) {
      List<Shape> shapes = module.parameterShapes();
      for (InputOutputAlias alias : module.aliases()) {
        int from = Values.leaves(shapes.subList(0, alias.parameter())).size();
        int count = Values.leaves(List.of(shapes.get(alias.parameter()))).size();
        for (int i = from; i < from + count; i++) {
          arguments[i].release();
        }
      }
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
