package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;

/** Device memory that outlives a step: parameters, buffers, optimizer state, gradients. */
public final class StoredSlot extends Slot {
  private final String name;
  private Data data;

  /** Creates a slot with its first value. */
  public StoredSlot(Role role, ArrayShape shape, String name, Data data) {
    super(role, shape);
    this.name = name;
    this.data = data;
  }

  /** Returns the value as of the last cut. */
  public Data data() {
    return data;
  }

  /** Replaces the value: the result of a cut, or a load. */
  public void replace(Data next) {
    data = next;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Object snapshot() {
    return data;
  }

  @Override
  DeviceBuffer resolve(Object snapshot, Backend backend, int device) {
    return ((Data) snapshot).buffer(name);
  }
}
