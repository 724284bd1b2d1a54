package io.lazytensor.pjrt.internal;

import io.lazytensor.pjrt.PjrtException;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backend's share of a client: what it holds there, and the door every call goes through.
 * Closing waits for calls under way, refuses later ones, and destroys events, buffers and
 * executables in this order, each once, before the client may go.
 */
final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final PjrtClient client;
  private final ReentrantReadWriteLock door = new ReentrantReadWriteLock();
  private final Map<Handle.Kind, Set<Handle>> handles = new EnumMap<>(Handle.Kind.class);
  private boolean closed;

  Session(PjrtClient client) {
    this.client = client;
    for (Handle.Kind kind : Handle.Kind.values()) {
      handles.put(kind, ConcurrentHashMap.newKeySet());
    }
  }

  PjrtClient client() {
    return client;
  }

  PjrtApi api() {
    return client.api();
  }

  /**
   * Begins a call, which {@link #exit} ends.
   *
   * @throws DeviceException if the session is closed
   */
  void enter() {
    if (!tryEnter()) {
      throw new DeviceException("device pjrt (" + client.plugin().name() + ") is closed");
    }
  }

  /** Begins a call unless the session is closed. */
  boolean tryEnter() {
    door.readLock().lock();
    if (closed) {
      door.readLock().unlock();
      return false;
    }
    return true;
  }

  void exit() {
    door.readLock().unlock();
  }

  void register(Handle handle) {
    of(handle.kind()).add(handle);
  }

  void forget(Handle handle) {
    of(handle.kind()).remove(handle);
  }

  private Set<Handle> of(Handle.Kind kind) {
    Set<Handle> set = handles.get(kind);
    if (set == null) {
      throw new IllegalStateException("no handles of kind " + kind);
    }
    return set;
  }

  /** Returns how many handles of a kind are alive. */
  int live(Handle.Kind kind) {
    return of(kind).size();
  }

  @Override
  public void close() {
    door.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (Handle.Kind kind : Handle.Kind.values()) {
        for (Handle handle : List.copyOf(of(kind))) {
          end(handle);
        }
      }
    } finally {
      door.writeLock().unlock();
    }
    client.release();
  }

  private void end(Handle handle) {
    try (handle) {
      long event = handle.kind() == Handle.Kind.EVENT ? handle.address() : 0;
      if (event != 0) {
        PjrtEvent.await(api(), event);
      }
    } catch (PjrtException e) {
      // Nobody waits for it any more; the rest must still go.
      LOG.warn("closing {}: {}", client.plugin().name(), e.getMessage());
    }
  }
}
