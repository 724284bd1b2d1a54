package io.lazytensor;

import io.lazytensor.internal.record.DeviceContext;
import io.lazytensor.internal.run.ScalarSlot;
import io.lazytensor.xla.ir.ArrayShape;

/**
 * A number the program changes between steps without a new graph: a learning rate, a temperature.
 * {@code f32[]}. Its value is taken when a step is cut.
 */
public final class Hyper extends Tensor {
  private final DeviceContext context;
  private final ScalarSlot slot;

  Hyper(DeviceContext context, String name, double value) {
    this.context = context;
    this.slot = new ScalarSlot(name, (float) value);
  }

  @Override
  public ArrayShape shape() {
    return slot.shape();
  }

  /** Returns its name. */
  public String name() {
    return slot.name();
  }

  /** Returns the value the next cut will use. */
  public double value() {
    return slot.value();
  }

  /**
   * Sets the value the next cut will use.
   *
   * @throws RecordingException if the recording that is open has read it: the change would reach
   *     calls made before it
   */
  public void set(double value) {
    if (isInOpenRecording() && (float) value != slot.value()) {
      throw new RecordingException(
          "hyper \"%s\" is set to %s after the open recording read it. Set it before the step, or"
                  .formatted(slot.name(), value)
              + " after markStep().");
    }
    slot.set((float) value);
  }

  @Override
  protected ScalarSlot slot() {
    return slot;
  }

  @Override
  protected DeviceContext context() {
    return context;
  }

  @Override
  public String toString() {
    return "Hyper " + slot.name() + " = " + slot.value();
  }
}
