package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.pjrt.PjrtException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/**
 * Something a device will have done, well or badly. Whoever has an event ends it exactly once: by
 * {@link #await}, {@link #future} or {@link #close}.
 */
final class PjrtEvent implements AutoCloseable {
  private final Session session;
  private final Handle handle;

  PjrtEvent(Session session, long address) {
    this.session = session;
    this.handle = new Handle(session, Handle.Kind.EVENT, address);
  }

  /** Returns whether waiting would return at once. */
  boolean isReady() {
    session.enter();
    try (Scratch scratch = Scratch.open()) {
      PjrtApi api = session.api();
      MemorySegment arguments = api.struct(scratch, Struct.EVENT_IS_READY);
      arguments.set(JAVA_LONG, PjrtAbi.EventIsReady.EVENT, handle.address());
      api.call(PjrtFunction.EVENT_IS_READY, Struct.EVENT_IS_READY, arguments);
      return arguments.get(JAVA_BYTE, PjrtAbi.EventIsReady.IS_READY) != 0;
    } finally {
      session.exit();
    }
  }

  /**
   * Waits, and ends the event.
   *
   * @throws PjrtException if what it stands for failed
   */
  void await() {
    session.enter();
    try {
      long address = handle.address();
      if (address != 0) {
        try {
          await(session.api(), address);
        } finally {
          handle.close();
        }
      }
    } finally {
      session.exit();
    }
  }

  /** Waits for an event that no object stands for. */
  static void await(PjrtApi api, long event) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api.struct(scratch, Struct.EVENT_AWAIT);
      arguments.set(JAVA_LONG, PjrtAbi.EventAwait.EVENT, event);
      api.call(PjrtFunction.EVENT_AWAIT, Struct.EVENT_AWAIT, arguments);
    }
  }

  /**
   * Returns a future that completes when the event does, and ends the event then.
   *
   * <p>A daemon thread waits for it. A callback would run on a thread of the plug-in's, which then
   * belongs to the JVM too, may outlive it, and must never throw.
   */
  CompletableFuture<Void> future() {
    return CompletableFuture.runAsync(this::await, AwaitPool.INSTANCE);
  }

  /** Ends the event without waiting; what it stands for goes on. */
  @Override
  public void close() {
    session.enter();
    try {
      handle.close();
    } finally {
      session.exit();
    }
  }
}
