package io.lazytensor.data;

import io.lazytensor.xla.ir.LazyTensorException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one epoch: workers read records into batches, any batch by any worker, and an
 * uploader copies finished ones to the device; batches leave in order. What fails leaves at its
 * place in the order. Without workers, the program's own thread does all of it.
 */
final class Pipeline<T, B> {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
  // A worker looks between records whether it is still needed; only after this is it interrupted,
  // since an interrupt closes the channel a data set may be reading from.
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(8);

  /**
   * How far threads may run ahead.
   *
   * @param workers threads that read
   * @param batches the most batches that are planned and not handed out
   * @param bytes the most these take, but for one batch that is always allowed
   * @param onDevice how many of them may be on the device
   */
  record Limits(int workers, int batches, long bytes, int onDevice) {}

  /** What becomes of a batch: it is there, or it failed. */
  private sealed interface Outcome<B> {
    record Collated<B>(HostBatch<?> batch) implements Outcome<B> {}

    record Uploaded<B>(Prepared<B> prepared) implements Outcome<B> {}

    record Failed<B>(LazyTensorException failure) implements Outcome<B> {}

    default long bytes() {
      return switch (this) {
        case Collated<B>(HostBatch<?> batch) -> batch.bytes();
        case Uploaded<B>(Prepared<B> prepared) -> prepared.host().bytes();
        case Failed<B> _ -> 0;
      };
    }
  }

  private record Work<T>(long place, BatchPlan<T> plan) {}

  private final Plans<T> plans;
  private final Collator<T> collator;
  private final Assembler<B> assembler;
  private final Limits limits;
  private final long largestBatch;
  private final Counters counters;
  private final List<Thread> threads = new ArrayList<>();

  // Held while records are planned: a stream is read by one thread at a time.
  private final ReentrantLock planning = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Places count from the first batch of this pipeline.
  private final Map<Long, Outcome<B>> collated = new HashMap<>();
  private final ArrayDeque<Outcome<B>> uploaded = new ArrayDeque<>();
  private long planned;
  private long taken;
  private long end = Long.MAX_VALUE;
  private int inFlight;
  private long reserved;
  private int alive;
  private boolean plansClosed;
  private volatile boolean closed;

  /**
   * Prepares an epoch; {@link #start} begins it.
   *
   * @param largestBatch bytes of the largest batch
   */
  Pipeline(
      Plans<T> plans,
      Collator<T> collator,
      Assembler<B> assembler,
      Limits limits,
      long largestBatch,
      Counters counters) {
    this.plans = plans;
    this.collator = collator;
    this.assembler = assembler;
    this.limits = limits;
    this.largestBatch = largestBatch;
    this.counters = counters;
  }

  void start() {
    for (int i = 0; i < limits.workers; i++) {
      threads.add(thread("lazytensor loader " + i, this::work));
    }
    if (uploadsAhead()) {
      threads.add(thread("lazytensor loader upload", this::uploadAll));
    }
    alive = threads.size();
    threads.forEach(Thread::start);
  }

  private boolean uploadsAhead() {
    return limits.workers > 0 && limits.onDevice > 0;
  }

  private Thread thread(String name, Runnable body) {
    return Thread.ofPlatform()
        .daemon()
        .name(name)
        .unstarted(() -> {
          try {
            body.run();
          } finally {
            leave();
          }
        });
  }

  /** The last thread out closes what they shared. */
  private void leave() {
    lock.lock();
    try {
      alive--;
      if (alive > 0) {
        return;
      }
    } finally {
      lock.unlock();
    }
    closePlans();
  }

  private void closePlans() {
    if (plansClosed) {
      return;
    }
    plansClosed = true;
    try {
      plans.close();
    } catch (RuntimeException e) {
      LOG.warn("closing a data set failed: {}", e.toString());
    }
  }

  // ---- workers ----------------------------------------------------------------------------------

  private void work() {
    for (Work<T> work = plan(); work != null; work = plan()) {
      put(work.place, collate(work.plan));
    }
  }

  private @Nullable Work<T> plan() {
    planning.lock();
    try {
      if (!awaitRoom()) {
        return null;
      }
      BatchPlan<T> plan = plans.next();
      return plan == null ? ended() : new Work<>(reserve(), plan);
    } catch (RuntimeException | Error e) {
      // Nothing can be planned after a batch that failed to be.
      put(reserve(), new Outcome.Failed<>(failure(e)));
      return ended();
    } finally {
      planning.unlock();
    }
  }

  /** Waits until another batch may be planned; returns whether one is to be. */
  private boolean awaitRoom() {
    lock.lock();
    try {
      while (!closed && planned < end && !hasRoom()) {
        changed.awaitUninterruptibly();
      }
      return !closed && planned < end;
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom() {
    return inFlight == 0 || (inFlight < limits.batches && reserved + largestBatch <= limits.bytes);
  }

  private long reserve() {
    lock.lock();
    try {
      inFlight++;
      reserved += largestBatch;
      return planned++;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Work<T> ended() {
    lock.lock();
    try {
      end = planned;
      changed.signalAll();
      return null;
    } finally {
      lock.unlock();
    }
  }

  private Outcome<B> collate(BatchPlan<T> plan) {
    long start = System.nanoTime();
    try {
      return new Outcome.Collated<>(collator.collate(plan));
    } catch (RuntimeException | Error e) {
      return new Outcome.Failed<>(failure(e));
    } finally {
      counters.loadNanos.add(System.nanoTime() - start);
    }
  }

  private static LazyTensorException failure(Throwable e) {
    return e instanceof LazyTensorException known
        ? known
        : new DataException("a batch could not be made: " + e, e);
  }

  private void put(long place, Outcome<B> outcome) {
    lock.lock();
    try {
      reserved -= largestBatch - outcome.bytes();
      collated.put(place, outcome);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- uploads ----------------------------------------------------------------------------------

  private void uploadAll() {
    for (long place = 0; ; place++) {
      Outcome<B> outcome = awaitCollated(place);
      if (outcome == null) {
        return;
      }
      Outcome<B> made =
          outcome instanceof Outcome.Collated<B>(HostBatch<?> batch) ? uploaded(batch) : outcome;
      lock.lock();
      try {
        if (!closed) {
          uploaded.add(made);
          changed.signalAll();
          continue;
        }
      } finally {
        lock.unlock();
      }
      unload(made);
      return;
    }
  }

  private @Nullable Outcome<B> awaitCollated(long place) {
    lock.lock();
    try {
      while (!closed
          && place < end
          && (uploaded.size() >= limits.onDevice || !collated.containsKey(place))) {
        changed.awaitUninterruptibly();
      }
      return closed ? null : collated.remove(place);
    } finally {
      lock.unlock();
    }
  }

  private Outcome<B> uploaded(HostBatch<?> batch) {
    long start = System.nanoTime();
    try {
      Prepared<B> prepared = assembler.assemble(batch);
      prepared.upload();
      return new Outcome.Uploaded<>(prepared);
    } catch (RuntimeException | Error e) {
      return new Outcome.Failed<>(failure(e));
    } finally {
      counters.uploadNanos.add(System.nanoTime() - start);
    }
  }

  private static void unload(Outcome<?> outcome) {
    if (outcome instanceof Outcome.Uploaded<?>(Prepared<?> prepared)) {
      prepared.unload();
    }
  }

  // ---- the program ------------------------------------------------------------------------------

  /** Returns whether {@link #take} would return or throw without a wait. */
  boolean isReady() {
    lock.lock();
    try {
      return limits.workers > 0 && (isNextThere() || taken >= end);
    } finally {
      lock.unlock();
    }
  }

  private boolean isNextThere() {
    return uploadsAhead() ? !uploaded.isEmpty() : collated.containsKey(taken);
  }

  /**
   * Returns the next batch, or null at the end of the epoch.
   *
   * @throws LazyTensorException if the batch failed, or this was closed or interrupted meanwhile
   */
  @Nullable Prepared<B> take() {
    if (limits.workers == 0) {
      return make();
    }
    Outcome<B> outcome;
    lock.lock();
    try {
      while (!closed && !isNextThere() && taken < end) {
        changed.await();
      }
      if (closed) {
        throw new DataException("the loader was closed, or another epoch begun, within this one");
      }
      outcome = uploadsAhead() ? uploaded.poll() : collated.remove(taken);
      if (outcome == null) {
        return null;
      }
      taken++;
      inFlight--;
      reserved -= outcome.bytes();
      changed.signalAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException("interrupted while waiting for a batch", e);
    } finally {
      lock.unlock();
    }
    return finished(outcome);
  }

  private @Nullable Prepared<B> make() {
    BatchPlan<T> plan = plans.next();
    return plan == null ? null : finished(collate(plan));
  }

  private Prepared<B> finished(Outcome<B> outcome) {
    return switch (outcome) {
      case Outcome.Collated<B>(HostBatch<?> batch) -> assembler.assemble(batch);
      case Outcome.Uploaded<B>(Prepared<B> prepared) -> prepared;
      case Outcome.Failed<B>(LazyTensorException failure) -> throw failure;
    };
  }

  // ---- the end ----------------------------------------------------------------------------------

  boolean isClosed() {
    return closed;
  }

  /** Tells the threads to end, and does not wait for them. */
  void shutDown() {
    List<Outcome<B>> left;
    lock.lock();
    try {
      closed = true;
      left = List.copyOf(uploaded);
      uploaded.clear();
      collated.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    left.forEach(Pipeline::unload);
    if (threads.isEmpty()) {
      closePlans();
    }
  }

  /** Ends the threads. Returns after some seconds even if a data set does not let go of one. */
  void close() {
    shutDown();
    try {
      if (!join(System.nanoTime() + PATIENCE_NANOS)) {
        threads.forEach(Thread::interrupt);
        join(System.nanoTime() + LIMIT_NANOS);
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
    for (Thread thread : threads) {
      StackTraceElement[] stack = thread.getStackTrace();
      if (thread.isAlive() && thread != Thread.currentThread() && stack.length > 0) {
        LOG.warn("thread \"{}\" does not end; it is at {}", thread.getName(), stack[0]);
      }
    }
  }

  private boolean join(long deadline) throws InterruptedException {
    boolean all = true;
    for (Thread thread : threads) {
      if (thread != Thread.currentThread()) {
        long left = Math.max(deadline - System.nanoTime(), 1);
        all &= thread.join(java.time.Duration.ofNanos(left));
      }
    }
    return all;
  }
}
