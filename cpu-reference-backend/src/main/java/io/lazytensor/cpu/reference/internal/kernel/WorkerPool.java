package io.lazytensor.cpu.reference.internal.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the parts of one step. Parts are claimed, so that a caller whose helpers get
 * no core does them all itself; BLAS libraries' threads wait for each other inside a product
 * instead, which on a busy machine costs time slices.
 */
public final class WorkerPool implements AutoCloseable {
  private static final long SPIN_NANOS = 50_000;

  private final Thread[] workers;
  private final ReentrantLock oneJob = new ReentrantLock();
  private volatile @Nullable Job job;
  private volatile boolean closed;

  private static final class Job {
    final Kernel[] parts;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger unfinished;
    final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    final Thread caller = Thread.currentThread();

    Job(Kernel[] parts) {
      this.parts = parts;
      this.unfinished = new AtomicInteger(parts.length);
    }

    void work() {
      for (int i = next.getAndIncrement(); i < parts.length; i = next.getAndIncrement()) {
        try {
          parts[i].run();
        } catch (RuntimeException e) {
          failure.set(e);
        }
        if (unfinished.decrementAndGet() == 0) {
          LockSupport.unpark(caller);
        }
      }
    }
  }

  /** Starts the helpers of a caller: one less than the threads. */
  public WorkerPool(int threads) {
    workers = new Thread[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = Thread.ofPlatform().daemon().name("cpu-reference-" + (i + 1)).start(this::loop);
    }
  }

  /** Returns the threads that work, the caller included. */
  public int threads() {
    return workers.length + 1;
  }

  /** Runs all parts, in any order, and returns when they are done. */
  public void run(Kernel[] parts) {
    // One caller at a time gets the helpers; another does its parts alone.
    if (workers.length == 0 || !oneJob.tryLock()) {
      for (Kernel part : parts) {
        part.run();
      }
      return;
    }
    try {
      Job mine = new Job(parts);
      job = mine;
      for (Thread worker : workers) {
        LockSupport.unpark(worker);
      }
      mine.work();
      long start = System.nanoTime();
      while (mine.unfinished.get() > 0) {
        if (System.nanoTime() - start < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
        }
      }
      job = null;
      RuntimeException failure = mine.failure.get();
      if (failure != null) {
        throw failure;
      }
    } finally {
      oneJob.unlock();
    }
  }

  private void loop() {
    torch.set_num_threads(1);
    // Inference mode belongs to the thread, and tensors made in it are only written in it.
    try (InferenceMode _ = new InferenceMode(true)) {
      Job last = null;
      long idleSince = System.nanoTime();
      while (!closed) {
        Job current = job;
        if (current != null && current != last) {
          current.work();
          last = current;
          idleSince = System.nanoTime();
        } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          last = null;
          LockSupport.park(this);
          idleSince = System.nanoTime();
        }
      }
    }
  }

  /** Lets the helpers end. */
  @Override
  public void close() {
    closed = true;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
  }
}
