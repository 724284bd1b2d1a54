package io.lazytensor;

import io.lazytensor.internal.record.DeviceContext;
import io.lazytensor.internal.run.DeviceRuntime;
import io.lazytensor.internal.run.Slot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Device memory that outlives a step: a {@link Parameter} or a {@link State}. It is created without
 * a device and bound to one by {@link Device#initialize} or {@link Device#load}.
 */
public abstract sealed class Stored extends Tensor permits Parameter, State {
  private ArrayShape shape;
  private @Nullable Device device;
  private @Nullable StoredSlot slot;

  Stored(ArrayShape shape) {
    this.shape = shape;
  }

  abstract Slot.Role role();

  @Override
  public final ArrayShape shape() {
    return shape;
  }

  /** Returns whether this lives on a device. */
  public final boolean isBound() {
    return slot != null;
  }

  /** Returns the name it was bound under; empty before. */
  public final String name() {
    return slot == null ? "" : slot.name();
  }

  @Override
  protected final StoredSlot slot() {
    if (slot == null) {
      throw unbound();
    }
    return slot;
  }

  @Override
  protected final DeviceContext context() {
    return device().context();
  }

  /**
   * Returns the device this lives on.
   *
   * @throws RecordingException if it lives on none
   */
  public final Device device() {
    if (device == null) {
      throw unbound();
    }
    return device;
  }

  private RecordingException unbound() {
    return new RecordingException(
        "a %s %s is used before it has a value. Call device.initialize(model, seed) or"
                .formatted(getClass().getSimpleName(), shape)
            + " device.load(model, stateDict) first.");
  }

  /** Gives this another element type before it lives on a device. */
  final void retype(DType dtype) {
    if (dtype == shape.dtype()) {
      return;
    }
    if (slot != null) {
      throw new RecordingException(
          "%s is %s on its device and cannot be stored as %s any more. Load a new model in that type."
              .formatted(slot.name(), shape, dtype));
    }
    shape = new ArrayShape(dtype, shape.dims());
  }

  /** Checks that this does not live on another device. */
  final void requireOn(Device other) {
    if (slot != null && device != other) {
      throw new RecordingException(
          "%s lives on device %s and cannot be moved to device %s. Make another model and load it:"
                  .formatted(slot.name(), context().runtime().name(), other.name())
              + " device.load(Model.create(), model.stateDict().toHost()).");
    }
  }

  /** Gives this memory on a device, or other content. */
  final void bind(Device on, String name, HostBuffer content) {
    if (!content.shape().equals(shape)) {
      throw new ShapeException(
          "%s is %s, the value to load is %s".formatted(name, shape, content.shape()));
    }
    DeviceRuntime runtime = on.context().runtime();
    if (slot != null && device == on) {
      if (isInOpenRecording()) {
        throw new RecordingException(
            "%s is loaded while a recording that uses it is open. Load between steps: after"
                    .formatted(slot.name())
                + " markStep(), or after step.discard().");
      }
      runtime.dropGradient(slot);
      runtime.replace(slot, runtime.upload(content, name));
      return;
    }
    requireOn(on);
    StoredSlot fresh = new StoredSlot(role(), shape, name, runtime.upload(content, name));
    runtime.releaseWith(this, fresh);
    device = on;
    slot = fresh;
  }

  /**
   * Replaces the value by one of the host, between steps.
   *
   * @throws ShapeException if shape or type differs
   * @throws RecordingException if this lives on no device yet, or a recording that uses it is open
   */
  public final void load(HostBuffer content) {
    bind(device(), name(), content);
  }

  /**
   * Copies the value, as of the last cut, to the host. Waits for the steps that compute it.
   *
   * @throws io.lazytensor.xla.runtime.DeviceException if such a step failed
   */
  public final HostBuffer toHost() {
    return context().runtime().download(slot());
  }

  /** Copies a floating-point value to the host, in row-major order; see {@link #toHost}. */
  public final float[] toFloats() {
    return HostValues.toFloats(toHost());
  }

  /** Returns kind, name and shape; never data. */
  @Override
  public final String toString() {
    return "%s %s %s"
        .formatted(
            getClass().getSimpleName(), slot == null ? "(not initialized)" : slot.name(), shape);
  }
}
