package io.lazytensor.pjrt.internal;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs compilers on a thread with room: they recurse deeper than a Java thread's stack allows. */
final class BigStack {
  private static final long STACK_BYTES = 64L << 20;

  private BigStack() {}

  /** Runs a task and waits for it, whatever interrupts come: the compiler cannot be stopped. */
  static <T> T call(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    Thread thread = new Thread(null, future, "pjrt-compile", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException known) {
            throw known;
          }
          if (e.getCause() instanceof Error known) {
            throw known;
          }
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
