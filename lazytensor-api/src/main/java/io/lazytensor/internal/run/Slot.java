package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a graph reads an input from and, if it is {@link StoredSlot stored}, writes a result to.
 * Graphs name slots by the order of their first use, never by identity.
 */
public abstract sealed class Slot permits StoredSlot, ScalarSlot, InputSlot, KeySlot {
  /** What a slot is for. Part of the key of a recorded read. */
  public enum Role {
    /** A trained parameter. */
    PARAMETER,
    /** A buffer, metric or optimizer state. */
    STATE,
    /** A number the host may change between steps. */
    HYPER,
    /** Data from the host, or kept from an earlier step. */
    INPUT,
    /** A gradient that an earlier cut left behind. */
    GRADIENT,
    /** The key of this step's random numbers. */
    RANDOM_KEY
  }

  private final Role role;
  private final ArrayShape shape;

  Slot(Role role, ArrayShape shape) {
    this.role = role;
    this.shape = shape;
  }

  /** Returns what it is for. */
  public final Role role() {
    return role;
  }

  /** Returns type and dimension sizes. */
  public final ArrayShape shape() {
    return shape;
  }

  /** Returns a small number for everything a recorded read depends on, beside the shape. */
  public int roleKey() {
    return role.ordinal();
  }

  /** Returns the name for messages. */
  public abstract String name();

  /**
   * Returns what an execution that is cut now will read; {@link #resolve} gets it back when that
   * execution runs.
   */
  public abstract Object snapshot();

  /** Returns the buffer for a snapshot. Runs in the device's turn. */
  abstract DeviceBuffer resolve(Object snapshot, Backend backend, int device);

  /** Is told that the execution is over. Runs in the device's turn. */
  void finished(Object snapshot, @Nullable DeviceBuffer buffer) {}
}
