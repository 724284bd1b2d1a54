package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.HostBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Data that graphs only read: a host array, or a value kept on the device by an earlier cut. The
 * array is uploaded for each execution that uses it and released after it, unless a copy is on the
 * device already.
 */
public final class InputSlot extends Slot {
  private final Object source;
  private final String name;
  private volatile @Nullable Data copy;
  private volatile boolean used;

  /** Creates a slot over host memory that nobody changes any more. */
  public InputSlot(HostBuffer source, String name) {
    super(Role.INPUT, source.shape());
    this.source = source;
    this.name = name;
  }

  /** Creates a slot over a value a cut delivers. */
  public InputSlot(ArrayShape shape, Data source, String name) {
    super(Role.INPUT, shape);
    this.source = source;
    this.name = name;
  }

  /** Returns the kept value, or null if the data is on the host. */
  public @Nullable Data kept() {
    return source instanceof Data data ? data : null;
  }

  /** Returns the host's data, or null if it is on the device. */
  public @Nullable HostBuffer host() {
    return source instanceof HostBuffer host ? host : null;
  }

  /** Sets the copy of a host array that later cuts use. */
  public void copy(@Nullable Data uploaded) {
    copy = uploaded;
  }

  /** Returns whether a cut has used this. */
  public boolean isUsed() {
    return used;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Object snapshot() {
    used = true;
    Data uploaded = copy;
    return uploaded != null ? uploaded : source;
  }

  @Override
  DeviceBuffer resolve(Object snapshot, Backend backend, int device) {
    return snapshot instanceof Data data
        ? data.buffer(name)
        : backend.upload((HostBuffer) snapshot, device);
  }

  @Override
  void finished(Object snapshot, @Nullable DeviceBuffer buffer) {
    if (buffer != null && snapshot instanceof HostBuffer) {
      buffer.release();
    }
  }
}
