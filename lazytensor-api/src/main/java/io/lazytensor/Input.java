package io.lazytensor;

import io.lazytensor.internal.record.DeviceContext;
import io.lazytensor.internal.run.Data;
import io.lazytensor.internal.run.InputSlot;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * Data that steps only read: a batch from the host, or a value kept from an earlier step. It may be
 * used in any number of steps, and by several threads.
 */
public final class Input extends Tensor {
  private final DeviceContext context;
  private final InputSlot slot;
  private Cleaner.@Nullable Cleanable copy;

  Input(DeviceContext context, HostBuffer source, String name) {
    this.context = context;
    this.slot = new InputSlot(source, name);
  }

  Input(DeviceContext context, ArrayShape shape, Data kept, String name) {
    this.context = context;
    this.slot = new InputSlot(shape, kept, name);
    context.runtime().releaseWith(this, kept);
  }

  @Override
  public ArrayShape shape() {
    return slot.shape();
  }

  @Override
  protected InputSlot slot() {
    return slot;
  }

  @Override
  protected DeviceContext context() {
    return context;
  }

  /**
   * Copies the data to the device now, on this thread, so that no step waits for it; steps that run
   * meanwhile are not held up where the backend can do both. Without it, or after {@link #unload},
   * each step that uses the data uploads it. Does nothing if the data is on the device.
   *
   * @throws io.lazytensor.xla.runtime.DeviceException if the device has no memory left or is closed
   */
  public synchronized void upload() {
    HostBuffer source = slot.host();
    if (copy == null && source != null) {
      Data uploaded = context.runtime().uploadAhead(source, slot.name());
      copy = context.runtime().releaseWith(this, uploaded);
      slot.copy(uploaded);
    }
  }

  /**
   * Frees what {@link #upload} copied, once the steps cut so far are done. The garbage collector
   * does it for data nobody can reach any more.
   */
  public synchronized void unload() {
    if (copy != null) {
      slot.copy(null);
      copy.clean();
      copy = null;
    }
  }

  /** Returns whether a cut has used the data. */
  public boolean isUsed() {
    return slot.isUsed();
  }

  /** Returns name and shape; never data. */
  @Override
  public String toString() {
    return slot.name() + " " + slot.shape();
  }
}
