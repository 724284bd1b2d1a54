package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;
import org.jspecify.annotations.Nullable;

/** Device memory that outlives a step: parameters, buffers, optimizer state, gradients. */
public final class StoredSlot extends Slot {
  private static final int FROZEN = 1 << 7;

  private final String name;
  private Data data;
  private boolean trained;
  private @Nullable StoredSlot gradient;
  private @Nullable Object writer;
  private @Nullable Object group;
  private int indexInGroup;

  /** Creates a slot with its first value. */
  public StoredSlot(Role role, ArrayShape shape, String name, Data data) {
    super(role, shape);
    this.name = name;
    this.data = data;
    this.trained = role == Role.PARAMETER && shape.dtype().isFloating();
  }

  /** Returns the value as of the last cut. */
  public Data data() {
    return data;
  }

  /** Replaces the value: the result of a cut, or a load. */
  void replace(Data next) {
    data = next;
  }

  /** Returns whether {@code backward} computes this parameter's gradient. */
  public boolean isTrained() {
    return trained;
  }

  /** Sets whether {@code backward} computes this parameter's gradient. */
  public void trained(boolean value) {
    trained = value;
  }

  /** Returns the gradient an earlier cut left behind, if no optimizer took it. */
  public @Nullable StoredSlot gradient() {
    return gradient;
  }

  void gradient(@Nullable StoredSlot left) {
    gradient = left;
  }

  /** Returns who assigned this in a recording that is not cut. */
  public @Nullable Object writer() {
    return writer;
  }

  /** Makes this part of a group of the recorder's. */
  public void group(Object owner, int index) {
    group = owner;
    indexInGroup = index;
  }

  /** Returns the group this is part of. */
  public @Nullable Object group() {
    return group;
  }

  /** Returns the position within the group. */
  public int indexInGroup() {
    return indexInGroup;
  }

  /** Sets who assigned this in a recording that is not cut. */
  public void writer(@Nullable Object recorder) {
    writer = recorder;
  }

  @Override
  public int roleKey() {
    return super.roleKey() | (role() == Role.PARAMETER && !trained ? FROZEN : 0);
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
