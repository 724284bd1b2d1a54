package io.lazytensor.internal.record;

import io.lazytensor.internal.run.Slot;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** The node of a slot between two of its assignments in one recording. */
final class Bound extends Handle {
  final int ordinal;

  Bound(Recorder recorder, HloInstruction node, int ordinal) {
    super(recorder, node);
    this.ordinal = ordinal;
  }

  @Override
  protected @Nullable Slot slot() {
    return null;
  }

  @Override
  protected Handle result(Recorder by, HloInstruction recorded) {
    throw new AssertionError("a binding is not a tensor");
  }

  @Override
  protected DeviceContext context() {
    throw new AssertionError("a binding is not a tensor");
  }
}
