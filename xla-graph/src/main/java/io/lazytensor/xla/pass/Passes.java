package io.lazytensor.xla.pass;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Passes from module to module. {@link #standard} is what every graph goes through before a backend
 * sees it: exact simplifications, common subexpressions, dead code. Results are the same bit for
 * bit; parameters, outputs and aliases keep their numbers; annotations are gone. What has a side
 * effect runs as often as it is written.
 */
public final class Passes {
  private Passes() {}

  /** An instruction compared by operation and by the identity of its operands. */
  private record Expression(HloInstruction instruction) {
    @Override
    public boolean equals(Object other) {
      if (!(other instanceof Expression(HloInstruction that))
          || !instruction.shape().equals(that.shape())
          || instruction.operands().size() != that.operands().size()) {
        return false;
      }
      for (int i = 0; i < instruction.operands().size(); i++) {
        if (instruction.operand(i) != that.operand(i)) {
          return false;
        }
      }
      return instruction.op().equals(that.op());
    }

    @Override
    public int hashCode() {
      return Long.hashCode(instruction.hash());
    }
  }

  /** Returns the simplified module. Called computations stay as they are. */
  public static HloModule standard(HloModule module) {
    HloComputation entry = module.entry();
    SideEffects effects = new SideEffects(entry);
    List<HloInstruction> kept = new ArrayList<>();
    Map<HloInstruction, HloInstruction> rewritten = new IdentityHashMap<>();
    Map<Expression, HloInstruction> known = new HashMap<>();
    for (HloInstruction instruction : entry.instructions()) {
      HloInstruction simple = Simplification.simplify(onto(instruction, rewritten));
      if (effects.has(simple.op())) {
        kept.add(simple);
        rewritten.put(instruction, simple);
        continue;
      }
      HloInstruction twin = known.putIfAbsent(new Expression(simple), simple);
      rewritten.put(instruction, twin == null ? simple : twin);
    }
    List<HloInstruction> parameters = new ArrayList<>(entry.parameters().size());
    for (HloInstruction parameter : entry.parameters()) {
      parameters.add(rewritten.getOrDefault(parameter, parameter));
    }
    // Collecting from the root again leaves out what nothing uses any more.
    HloInstruction root = rewritten.getOrDefault(entry.root(), entry.root());
    return with(module, HloComputation.of(entry.name(), parameters, kept, root));
  }

  /**
   * Returns the module with {@code select} and {@code clamp} whose scalar operands are broadcast,
   * in every computation: XLA's pipelines do not repeat scalars by themselves.
   */
  public static HloModule explicitBroadcasts(HloModule module) {
    return with(module, ExplicitBroadcasts.rewrite(module.entry()));
  }

  private static HloModule with(HloModule module, HloComputation entry) {
    return entry == module.entry()
        ? module
        : new HloModule(
            module.name(), entry, module.aliases(), module.replicas(), module.partitions());
  }

  /** Returns the instruction with rewritten operands and without annotation. */
  private static HloInstruction onto(
      HloInstruction instruction, Map<HloInstruction, HloInstruction> rewritten) {
    boolean same = instruction.annotation() == null;
    List<HloInstruction> operands = new ArrayList<>(instruction.operands().size());
    for (HloInstruction operand : instruction.operands()) {
      HloInstruction next = rewritten.getOrDefault(operand, operand);
      operands.add(next);
      same &= next == operand;
    }
    return same
        ? instruction
        : new HloInstruction(
            instruction.op(), instruction.shape(), operands, instruction.metadata(), null);
  }
}
