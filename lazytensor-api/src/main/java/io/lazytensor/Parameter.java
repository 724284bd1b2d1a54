package io.lazytensor;

import io.lazytensor.internal.run.Slot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.nn.Initializer;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;

/** A tensor that training changes. PyTorch: {@code nn.Parameter}. */
public final class Parameter extends Stored {
  private final Initializer initializer;
  private boolean trained = true;

  private Parameter(ArrayShape shape, Initializer initializer) {
    super(shape);
    this.initializer = initializer;
  }

  /** Returns an {@code f32} parameter without a value; {@link Device#initialize} gives it one. */
  public static Parameter of(Initializer initializer, int... dims) {
    return of(initializer, ArrayShape.of(DType.F32, dims));
  }

  /** Returns a parameter without a value; {@link Device#initialize} gives it one. */
  public static Parameter of(Initializer initializer, ArrayShape shape) {
    return new Parameter(shape, initializer);
  }

  /** Returns how it gets its first value. */
  public Initializer initializer() {
    return initializer;
  }

  @Override
  Slot.Role role() {
    return Slot.Role.PARAMETER;
  }

  /**
   * Stops or resumes training of this parameter by {@code backward} and by optimizers made
   * afterwards. PyTorch: {@code requires_grad_}. A change makes the next step another graph.
   */
  public Parameter freeze(boolean frozen) {
    if (isBound()) {
      if (isInOpenRecording()) {
        throw new RecordingException(
            name()
                + " is frozen or unfrozen while a recording that read it is open. Do it between"
                + " steps.");
      }
      slot().trained(!frozen);
    }
    trained = !frozen;
    return this;
  }

  /** Stops training of this parameter. */
  public Parameter freeze() {
    return freeze(true);
  }

  /** Returns whether training leaves it alone. */
  public boolean isFrozen() {
    return !trained;
  }

  /** Makes the slot agree once there is one. */
  void bound() {
    StoredSlot slot = slot();
    slot.trained(trained && shape().dtype().isFloating());
  }

  /** Sets the value from here on in the recording; gradients stop at it. */
  public void assign(Tensor value) {
    recorder().assign(this, value);
  }
}
