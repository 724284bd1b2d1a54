package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs one thread for each device of a module, and waits for all of them. */
final class DeviceThreads {
  private static final long STACK_BYTES = 16L << 20;

  private DeviceThreads() {}

  /**
   * Returns each device's results, in order.
   *
   * @throws RuntimeException the first failure of any device
   */
  static List<List<Literal>> run(
      Rendezvous rendezvous, Function<LogicalDevice, List<Literal>> evaluation) {
    List<List<Literal>> results = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < rendezvous.devices(); number++) {
      results.add(List.of());
      LogicalDevice device =
          new LogicalDevice(
              number / rendezvous.partitions(), number % rendezvous.partitions(), rendezvous);
      threads.add(
          Thread.ofPlatform()
              .name("evaluator-device-" + number)
              .daemon()
              .stackSize(STACK_BYTES)
              .unstarted(() -> {
                try {
                  List<Literal> result = evaluation.apply(device);
                  synchronized (results) {
                    results.set(device.number(), result);
                  }
                } catch (Rendezvous.Stopped e) {
                  // The failure that stopped this device is reported.
                } catch (Throwable e) {
                  rendezvous.fail(e);
                } finally {
                  rendezvous.end();
                }
              }));
    }
    threads.forEach(Thread::start);
    join(threads, rendezvous);
    rethrow(rendezvous.failure());
    synchronized (results) {
      return List.copyOf(results);
    }
  }

  private static void join(List<Thread> threads, Rendezvous rendezvous) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      boolean joined = false;
      while (!joined) {
        try {
          thread.join();
          joined = true;
        } catch (InterruptedException e) {
          interrupted = true;
          rendezvous.fail(new DeviceException("interrupted while devices were evaluating", e));
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void rethrow(@Nullable Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new DeviceException("a device failed", failure);
    }
  }
}
