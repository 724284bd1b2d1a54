package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/** An array in a plug-in's memory. Its content may be still to come. */
final class PjrtBuffer implements DeviceBuffer {
  private static final int IMMUTABLE_ONLY_DURING_CALL = 0;
  private static final int TILED = 0;

  private final Session session;
  private final ArrayShape shape;
  private final PjrtDevice device;
  private final Handle handle;
  private boolean donated;
  private boolean counted = true;

  /** Which execution this is being donated to; executions number themselves. */
  long donationMark;

  PjrtBuffer(Session session, ArrayShape shape, PjrtDevice device, long address) {
    this.session = session;
    this.shape = shape;
    this.device = device;
    this.handle = new Handle(session, Handle.Kind.BUFFER, address);
    device.ledger().add(shape.byteSize());
  }

  /** Copies an array to a device. Whoever calls holds the session open. */
  static PjrtBuffer upload(Session session, HostBuffer source, PjrtDevice device) {
    PjrtApi api = session.api();
    ArrayShape shape = source.shape();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api.struct(scratch, Struct.CLIENT_BUFFER_FROM_HOST_BUFFER);
      arguments.set(
          JAVA_LONG, PjrtAbi.ClientBufferFromHostBuffer.CLIENT, session.client().address());
      arguments.set(ADDRESS, PjrtAbi.ClientBufferFromHostBuffer.DATA, nativeCopy(scratch, source));
      arguments.set(
          JAVA_INT, PjrtAbi.ClientBufferFromHostBuffer.TYPE, BufferType.of(shape.dtype()));
      arguments.set(ADDRESS, PjrtAbi.ClientBufferFromHostBuffer.DIMS, dims(scratch, shape));
      arguments.set(JAVA_LONG, PjrtAbi.ClientBufferFromHostBuffer.NUM_DIMS, shape.rank());
      arguments.set(
          JAVA_INT,
          PjrtAbi.ClientBufferFromHostBuffer.HOST_BUFFER_SEMANTICS,
          IMMUTABLE_ONLY_DURING_CALL);
      arguments.set(JAVA_LONG, PjrtAbi.ClientBufferFromHostBuffer.DEVICE, device.address());
      api.call(
          PjrtFunction.CLIENT_BUFFER_FROM_HOST_BUFFER,
          Struct.CLIENT_BUFFER_FROM_HOST_BUFFER,
          arguments);
      PjrtBuffer buffer =
          new PjrtBuffer(
              session,
              shape,
              device,
              arguments.get(JAVA_LONG, PjrtAbi.ClientBufferFromHostBuffer.BUFFER));
      // The host's memory is free already; the transfer's own failure comes with the buffer.
      destroyEvent(
          api, arguments.get(JAVA_LONG, PjrtAbi.ClientBufferFromHostBuffer.DONE_WITH_HOST_BUFFER));
      return buffer;
    }
  }

  /** Plug-ins take native memory only, and a pred of any byte but 0 and 1 for what they like. */
  private static MemorySegment nativeCopy(Scratch scratch, HostBuffer source) {
    long bytes = source.shape().byteSize();
    MemorySegment data = source.data();
    if (source.shape().dtype() == DType.PRED) {
      MemorySegment copy = scratch.staging(bytes);
      for (long i = 0; i < bytes; i++) {
        copy.set(JAVA_BYTE, i, (byte) (data.get(JAVA_BYTE, i) != 0 ? 1 : 0));
      }
      return copy;
    }
    if (data.isNative() && data.byteSize() > 0) {
      return data;
    }
    MemorySegment copy = scratch.staging(bytes);
    MemorySegment.copy(data, 0, copy, 0, bytes);
    return copy;
  }

  private static MemorySegment dims(Scratch scratch, ArrayShape shape) {
    MemorySegment dims = scratch.allocate(Math.max(8, 8L * shape.rank()));
    for (int i = 0; i < shape.rank(); i++) {
      dims.setAtIndex(JAVA_LONG, i, shape.dim(i));
    }
    return dims;
  }

  static void destroyEvent(PjrtApi api, long event) {
    if (event != 0) {
      api.destroy(
          PjrtFunction.EVENT_DESTROY, Struct.EVENT_DESTROY, PjrtAbi.EventDestroy.EVENT, event);
    }
  }

  Session session() {
    return session;
  }

  PjrtDevice place() {
    return device;
  }

  @Override
  public ArrayShape shape() {
    return shape;
  }

  @Override
  public int device() {
    return device.index();
  }

  /** Returns the plug-in's handle, or throws if it is gone. */
  long address() {
    long address = donated ? 0 : handle.address();
    if (address == 0) {
      throw new DeviceException(
          "buffer "
              + shape
              + " on "
              + device.description()
              + " was "
              + (donated
                  ? "donated to an execution; use the result that took over its memory"
                  : "released, or its device was closed"));
    }
    return address;
  }

  /** Gives the content up to an execution; the handle is destroyed by {@link #release}. */
  void donate() {
    donated = true;
    uncount();
  }

  private void uncount() {
    if (counted) {
      counted = false;
      device.ledger().remove(shape.byteSize());
    }
  }

  /** Returns a future that completes when the content is there, or failed to be computed. */
  CompletableFuture<Void> ready() {
    session.enter();
    try {
      return new PjrtEvent(session, readyEvent(session.api(), address())).future();
    } finally {
      session.exit();
    }
  }

  /** Returns a new event of the plug-in's for a buffer. */
  static long readyEvent(PjrtApi api, long buffer) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api.struct(scratch, Struct.BUFFER_READY_EVENT);
      arguments.set(JAVA_LONG, PjrtAbi.BufferReadyEvent.BUFFER, buffer);
      api.call(PjrtFunction.BUFFER_READY_EVENT, Struct.BUFFER_READY_EVENT, arguments);
      return arguments.get(JAVA_LONG, PjrtAbi.BufferReadyEvent.EVENT);
    }
  }

  @Override
  public void download(HostBuffer target) {
    if (!target.shape().equals(shape)) {
      throw new DeviceException(
          "download: the buffer is " + shape + ", the target " + target.shape());
    }
    session.enter();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment data = target.data();
      boolean direct = data.isNative() && data.byteSize() > 0;
      // Without a target the call would only ask for the size, also where that is zero.
      MemorySegment memory = direct ? data : scratch.staging(shape.byteSize());
      toHost(scratch, memory, address());
      if (!direct) {
        MemorySegment.copy(memory, 0, data, 0, shape.byteSize());
      }
      extendSigns(data);
    } finally {
      session.exit();
    }
  }

  /**
   * Plug-ins leave the upper bits of small signed integers zero; a byte on the host has the sign.
   */
  private void extendSigns(MemorySegment data) {
    int unused = 8 - shape.dtype().bitWidth();
    if (shape.dtype().isSigned() && unused > 0) {
      for (long i = 0; i < shape.byteSize(); i++) {
        data.set(JAVA_BYTE, i, (byte) ((byte) (data.get(JAVA_BYTE, i) << unused) >> unused));
      }
    }
  }

  private void toHost(Scratch scratch, MemorySegment memory, long source) {
    PjrtApi api = session.api();
    MemorySegment arguments = api.struct(scratch, Struct.BUFFER_TO_HOST_BUFFER);
    arguments.set(JAVA_LONG, PjrtAbi.BufferToHostBuffer.SRC, source);
    arguments.set(ADDRESS, PjrtAbi.BufferToHostBuffer.HOST_LAYOUT, rowMajor(api, scratch));
    arguments.set(ADDRESS, PjrtAbi.BufferToHostBuffer.DST, memory);
    arguments.set(JAVA_LONG, PjrtAbi.BufferToHostBuffer.DST_SIZE, shape.byteSize());
    api.call(PjrtFunction.BUFFER_TO_HOST_BUFFER, Struct.BUFFER_TO_HOST_BUFFER, arguments);
    long event = arguments.get(JAVA_LONG, PjrtAbi.BufferToHostBuffer.EVENT);
    if (event != 0) {
      try {
        PjrtEvent.await(api, event);
      } finally {
        destroyEvent(api, event);
      }
    }
  }

  /** Without a layout the plug-in would write in the order it has on the device. */
  private MemorySegment rowMajor(PjrtApi api, Scratch scratch) {
    MemorySegment order = scratch.allocate(Math.max(8, 8L * shape.rank()));
    for (int i = 0; i < shape.rank(); i++) {
      order.setAtIndex(JAVA_LONG, i, shape.rank() - 1L - i);
    }
    MemorySegment layout = api.struct(scratch, Struct.BUFFER_MEMORY_LAYOUT);
    layout.set(JAVA_INT, PjrtAbi.BufferMemoryLayout.TYPE, TILED);
    MemorySegment tiled = layout.asSlice(PjrtAbi.BufferMemoryLayout.TILED);
    tiled.set(JAVA_LONG, PjrtAbi.STRUCT_SIZE, api.size(Struct.BUFFER_MEMORY_LAYOUT_TILED));
    tiled.set(ADDRESS, PjrtAbi.BufferMemoryLayoutTiled.MINOR_TO_MAJOR, order);
    tiled.set(JAVA_LONG, PjrtAbi.BufferMemoryLayoutTiled.MINOR_TO_MAJOR_SIZE, shape.rank());
    return layout;
  }

  @Override
  public void release() {
    if (handle.isClosed() || !session.tryEnter()) {
      return;
    }
    try {
      uncount();
      handle.close();
    } finally {
      session.exit();
    }
  }

  @Override
  public boolean isReleased() {
    return donated || handle.isClosed();
  }
}
