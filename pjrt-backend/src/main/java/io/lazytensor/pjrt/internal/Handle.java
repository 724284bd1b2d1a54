package io.lazytensor.pjrt.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Something of the plug-in's that has to be destroyed exactly once, before its client. Closing
 * twice is a no-op.
 */
final class Handle implements AutoCloseable {
  /** What it is; a client that closes destroys them in this order. */
  enum Kind {
    EVENT(PjrtFunction.EVENT_DESTROY, Struct.EVENT_DESTROY, PjrtAbi.EventDestroy.EVENT),
    BUFFER(PjrtFunction.BUFFER_DESTROY, Struct.BUFFER_DESTROY, PjrtAbi.BufferDestroy.BUFFER),
    EXECUTABLE(
        PjrtFunction.EXECUTABLE_DESTROY,
        Struct.EXECUTABLE_DESTROY,
        PjrtAbi.ExecutableDestroy.EXECUTABLE),
    LOADED_EXECUTABLE(
        PjrtFunction.LOADED_EXECUTABLE_DESTROY,
        Struct.LOADED_EXECUTABLE_DESTROY,
        PjrtAbi.LoadedExecutableDestroy.EXECUTABLE);

    private final PjrtFunction destroy;
    private final Struct struct;
    private final long offset;

    Kind(PjrtFunction destroy, Struct struct, long offset) {
      this.destroy = destroy;
      this.struct = struct;
      this.offset = offset;
    }
  }

  private static final VarHandle ADDRESS;

  static {
    try {
      ADDRESS = MethodHandles.lookup().findVarHandle(Handle.class, "address", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Session session;
  private final Kind kind;

  @SuppressWarnings("FieldMayBeFinal") // written through ADDRESS
  private volatile long address;

  Handle(Session session, Kind kind, long address) {
    this.session = session;
    this.kind = kind;
    this.address = address;
    session.register(this);
  }

  Kind kind() {
    return kind;
  }

  /** Returns the address; 0 once closed. */
  long address() {
    return address;
  }

  boolean isClosed() {
    return address == 0;
  }

  /** Destroys it, unless that happened. Whoever calls holds the client open. */
  @Override
  public void close() {
    long taken = (long) ADDRESS.getAndSet(this, 0L);
    if (taken != 0) {
      session.forget(this);
      session.api().destroy(kind.destroy, kind.struct, kind.offset, taken);
    }
  }
}
