package io.lazytensor;

import io.lazytensor.internal.run.Slot;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.runtime.HostBuffer;

/**
 * A tensor that lives on the device between steps and that no gradient changes: running statistics,
 * metrics, optimizer state. PyTorch: a buffer.
 */
public final class State extends Stored {
  private final HostBuffer initial;

  private State(HostBuffer initial) {
    super(initial.shape());
    this.initial = initial;
  }

  /** Returns an {@code f32} state of zeros. */
  public static State zeros(int... dims) {
    return zeros(ArrayShape.of(DType.F32, dims));
  }

  /** Returns a state of zeros. */
  public static State zeros(ArrayShape shape) {
    return new State(HostBuffer.allocate(shape));
  }

  /** Returns a state with this first value, which must not change any more. */
  public static State of(HostBuffer initial) {
    return new State(initial);
  }

  @Override
  Slot.Role role() {
    return Slot.Role.STATE;
  }

  HostBuffer initial() {
    return initial;
  }

  /** Sets the value from here on in the recording. */
  public void assign(Tensor value) {
    recorder().assign(this, value);
  }

  /** Puts the first value back, between steps. */
  public void reset() {
    bind(device(), name(), initial);
  }
}
