package io.lazytensor.xla.pass;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Which operations do more than compute a value: custom calls that say so, and whatever calls one.
 */
final class SideEffects {
  private final Map<HloComputation, Boolean> known = new IdentityHashMap<>();

  /** Looks at everything a computation calls. */
  SideEffects(HloComputation entry) {
    for (HloComputation computation : CalledComputations.calleesFirst(entry)) {
      boolean effect = false;
      for (HloInstruction x : computation.instructions()) {
        effect |= has(x.op());
      }
      known.put(computation, effect);
    }
  }

  /** Returns whether an operation has to run as often as it is written. */
  boolean has(HloOp op) {
    boolean effect = op instanceof ControlOp.CustomCall custom && custom.sideEffect();
    for (HloComputation called : op.called()) {
      effect |= known.getOrDefault(called, false);
    }
    return effect;
  }
}
