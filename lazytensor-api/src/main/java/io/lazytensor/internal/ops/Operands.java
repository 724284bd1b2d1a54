package io.lazytensor.internal.ops;

import io.lazytensor.internal.record.Call;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Reads the operands of a call one after another, of which some may be missing. */
final class Operands {
  private final Iterator<HloInstruction> left;

  Operands(Call call) {
    this.left = call.operands().iterator();
  }

  HloInstruction next() {
    return left.next();
  }

  /** Returns the next operand if it is there. */
  @Nullable HloInstruction nextIf(boolean present) {
    return present ? left.next() : null;
  }
}
