package io.lazytensor.xla.pass;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Broadcasts the scalar operands of {@code select} and {@code clamp}. */
final class ExplicitBroadcasts {
  private final Map<HloComputation, HloComputation> done = new IdentityHashMap<>();

  private ExplicitBroadcasts() {}

  /** Returns the computation, itself if nothing has to change in it and in what it calls. */
  static HloComputation rewrite(HloComputation computation) {
    ExplicitBroadcasts pass = new ExplicitBroadcasts();
    for (HloComputation next : CalledComputations.calleesFirst(computation)) {
      pass.done.put(next, pass.rewritten(next));
    }
    return pass.known(computation);
  }

  private HloComputation known(HloComputation computation) {
    return done.getOrDefault(computation, computation);
  }

  /** Rewrites a computation after those that it calls. */
  private HloComputation rewritten(HloComputation computation) {
    Map<HloInstruction, HloInstruction> next = new IdentityHashMap<>();
    List<HloInstruction> order = new ArrayList<>();
    boolean changed = false;
    for (HloInstruction x : computation.instructions()) {
      HloInstruction y = rewritten(x, next, order);
      next.put(x, y);
      order.add(y);
      changed |= x != y;
    }
    return changed
        ? HloComputation.ofInstructions(
            computation.name(), order, next.getOrDefault(computation.root(), computation.root()))
        : computation;
  }

  private HloInstruction rewritten(
      HloInstruction x, Map<HloInstruction, HloInstruction> next, List<HloInstruction> order) {
    List<HloInstruction> operands = new ArrayList<>();
    boolean repeats = x.op() instanceof HloOp.Select || x.op() instanceof HloOp.Clamp;
    for (HloInstruction operand : x.operands()) {
      HloInstruction y = next.getOrDefault(operand, operand);
      if (repeats && y.arrayShape().isScalar() && !x.arrayShape().isScalar()) {
        y = new HloBuilder(x.metadata()).spread(y, x.arrayShape().dims());
        order.add(y);
      }
      operands.add(y);
    }
    HloOp op = CalledComputations.replace(x.op(), this::known);
    boolean same = operands.equals(x.operands()) && callsTheSame(op, x.op());
    return same ? x : new HloInstruction(op, x.shape(), operands, x.metadata(), x.annotation());
  }

  private static boolean callsTheSame(HloOp op, HloOp before) {
    for (int i = 0; i < op.called().size(); i++) {
      if (op.called().get(i) != before.called().get(i)) {
        return false;
      }
    }
    return true;
  }
}
