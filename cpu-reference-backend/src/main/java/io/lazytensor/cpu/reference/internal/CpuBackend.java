package io.lazytensor.cpu.reference.internal;

import io.lazytensor.cpu.reference.internal.kernel.WorkerPool;
import io.lazytensor.cpu.reference.internal.memory.NativeMemory;
import io.lazytensor.cpu.reference.internal.plan.Lowering;
import io.lazytensor.cpu.reference.internal.plan.Program;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.DeviceInfo;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** libtorch as one device. Executables of one backend may run on different threads at once. */
public final class CpuBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(CpuBackend.class);

  private final Settings settings;
  private final NativeMemory memory = new NativeMemory();
  private final Set<CpuExecutable> executables =
      Collections.newSetFromMap(new ConcurrentHashMap<>());
  private final WorkerPool pool;
  private volatile boolean closed;

  /** Loads libtorch, if this is the first. */
  public CpuBackend(Settings settings) {
    this.settings = settings;
    LibTorch.load();
    this.pool = new WorkerPool(settings.threads());
    LOG.debug("{} with {} threads", engine(), settings.threads());
  }

  NativeMemory memory() {
    return memory;
  }

  WorkerPool pool() {
    return pool;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public String name() {
    return "cpu-reference";
  }

  @Override
  public String engine() {
    return LibTorch.engine();
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(new DeviceInfo(0, "CPU, " + settings.threads() + " threads", -1));
  }

  @Override
  public Executable compile(HloModule module, CompileOptions options) {
    checkDevice(options.device());
    Program program = Lowering.lower(module);
    CpuExecutable executable = new CpuExecutable(this, program);
    executables.add(executable);
    return executable;
  }

  void forget(CpuExecutable executable) {
    executables.remove(executable);
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    checkDevice(device);
    long bytes = source.shape().byteSize();
    NativeMemory.Block block = memory.allocate(bytes);
    if (source.shape().dtype() == DType.PRED) {
      copyPred(source.data(), block.segment(), bytes);
    } else {
      MemorySegment.copy(source.data(), 0, block.segment(), 0, bytes);
    }
    return new CpuBuffer(this, source.shape(), block);
  }

  /** libtorch takes a bool of any byte but 0 and 1 for undefined behaviour. */
  private static void copyPred(MemorySegment from, MemorySegment to, long bytes) {
    for (long i = 0; i < bytes; i++) {
      to.set(ValueLayout.JAVA_BYTE, i, (byte) (from.get(ValueLayout.JAVA_BYTE, i) != 0 ? 1 : 0));
    }
  }

  @Override
  public MemoryUsage memoryUsage(int device) {
    return memory.usage();
  }

  private void checkDevice(int device) {
    if (closed) {
      throw new DeviceException("device cpu-reference is closed");
    }
    if (device != 0) {
      throw new DeviceException("cpu-reference has one device, 0; got device " + device);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      List.copyOf(executables).forEach(CpuExecutable::close);
      closed = true;
      pool.close();
      memory.freeAll();
    }
  }
}
