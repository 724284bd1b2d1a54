package io.lazytensor.internal.record;

import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** What an optimizer sees of gradients: nodes of the open recording. */
public abstract class GradientSet {
  /** Creates a set. */
  protected GradientSet() {}

  /** Returns the gradient of a parameter, or null if it is not among these. */
  protected abstract @Nullable HloInstruction node(Handle parameter);
}
