package io.lazytensor;

import io.lazytensor.xla.eval.EvaluatorBackend;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.DeviceInfo;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryPlan;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The evaluator with faults and delays on demand. */
final class FaultyBackend implements Backend {
  final EvaluatorBackend real = new EvaluatorBackend();

  /** What was compiled, in order. */
  final List<HloModule> compiled = new CopyOnWriteArrayList<>();

  final AtomicInteger running = new AtomicInteger();
  final AtomicInteger executions = new AtomicInteger();
  final AtomicInteger uploads = new AtomicInteger();
  volatile @Nullable CountDownLatch gate;
  volatile boolean failNextUpload;
  volatile boolean failNextExecution;
  volatile boolean keepDonations;
  volatile long delayMillis;

  @Override
  public String name() {
    return "faulty";
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
    compiled.add(module);
    Executable inner = real.compile(module, options);
    return new Executable() {
      @Override
      public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
        try {
          running.incrementAndGet();
          Thread.sleep(delayMillis);
          CountDownLatch closed = gate;
          if (closed != null) {
            closed.await();
          }
          if (failNextExecution) {
            failNextExecution = false;
            if (!keepDonations) {
              module.aliases().forEach(alias -> arguments[alias.parameter()].release());
            }
            throw new DeviceException("the device caught fire");
          }
          executions.incrementAndGet();
          return inner.execute(arguments);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        } finally {
          running.decrementAndGet();
        }
      }

      @Override
      public MemoryPlan memory() {
        return inner.memory();
      }

      @Override
      public void close() {
        inner.close();
      }
    };
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    if (failNextUpload) {
      failNextUpload = false;
      throw new DeviceException("no memory left");
    }
    uploads.incrementAndGet();
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
