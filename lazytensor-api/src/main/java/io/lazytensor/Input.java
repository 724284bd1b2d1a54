package io.lazytensor;

import io.lazytensor.internal.record.DeviceContext;
import io.lazytensor.internal.run.Data;
import io.lazytensor.internal.run.InputSlot;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.HostBuffer;

/**
 * Data that steps only read: a batch from the host, or a value kept from an earlier step. It may be
 * used in any number of steps, and by several threads.
 */
public final class Input extends Tensor {
  private final DeviceContext context;
  private final InputSlot slot;

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

  /** Returns name and shape; never data. */
  @Override
  public String toString() {
    return slot.name() + " " + slot.shape();
  }
}
