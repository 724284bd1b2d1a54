package io.lazytensor.internal.run;

import io.lazytensor.xla.runtime.DeviceException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives executions their turn on the device, in order. Work that takes microseconds runs on the
 * caller's thread when nothing is waiting; other work runs on the device's own thread, with at most
 * {@value #WINDOW} executions in flight, so that a caller records one step ahead.
 */
final class DeviceQueue implements AutoCloseable {
  static final int WINDOW = 2;

  private final ReentrantLock turn = new ReentrantLock();
  private final ReentrantLock guard = new ReentrantLock();
  private final Condition changed = guard.newCondition();
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private final String name;
  // Written under the guard; the inline road reads it without.
  private volatile int inFlight;
  private volatile boolean closed;
  private @Nullable Thread worker;

  DeviceQueue(String name) {
    this.name = name;
  }

  /**
   * Takes the device's turn at once if nobody else has work there.
   *
   * @return whether the caller has the turn and must {@link #endTurn}
   */
  boolean tryTurn() {
    if (inFlight != 0 || !turn.tryLock()) {
      return false;
    }
    if (inFlight != 0 || closed) {
      turn.unlock();
      return false;
    }
    return true;
  }

  void endTurn() {
    turn.unlock();
  }

  /** Hands work to the device's thread; waits while the window is full. */
  void submit(Runnable work) {
    guard.lock();
    try {
      while (inFlight >= WINDOW && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        throw new DeviceException("device " + name + " is closed");
      }
      waiting.add(work);
      inFlight = inFlight + 1;
      if (worker == null) {
        worker = Thread.ofPlatform().daemon().name("lazytensor " + name).start(this::work);
      }
      changed.signalAll();
    } finally {
      guard.unlock();
    }
  }

  /** Waits until everything submitted is done. */
  void drain() {
    if (inFlight == 0) {
      return;
    }
    guard.lock();
    try {
      while (inFlight != 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      guard.unlock();
    }
  }

  /** Runs work in the device's turn on the caller's thread, after everything submitted before. */
  void exclusively(Runnable work) {
    drain();
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  private void work() {
    while (true) {
      Runnable next;
      guard.lock();
      try {
        while (waiting.isEmpty() && !closed) {
          changed.awaitUninterruptibly();
        }
        if (waiting.isEmpty()) {
          return;
        }
        next = waiting.remove();
      } finally {
        guard.unlock();
      }
      turn.lock();
      try {
        next.run();
      } finally {
        turn.unlock();
        guard.lock();
        try {
          inFlight = inFlight - 1;
          changed.signalAll();
        } finally {
          guard.unlock();
        }
      }
    }
  }

  /** Waits for what was submitted and ends the device's thread. */
  @Override
  public void close() {
    drain();
    guard.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      guard.unlock();
    }
  }
}
