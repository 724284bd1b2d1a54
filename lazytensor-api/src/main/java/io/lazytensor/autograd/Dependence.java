package io.lazytensor.autograd;

import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Which instructions depend on certain others. Remembers what it was asked; walks iteratively. */
final class Dependence {
  private final Predicate<HloInstruction> sought;
  private final Map<HloInstruction, Boolean> known = new IdentityHashMap<>();

  /** Looks for instructions with a property. */
  Dependence(Predicate<HloInstruction> sought) {
    this.sought = sought;
  }

  /** Looks for these instructions. */
  static Dependence on(List<HloInstruction> instructions) {
    Map<HloInstruction, Boolean> all = new IdentityHashMap<>();
    instructions.forEach(x -> all.put(x, true));
    return new Dependence(all::containsKey);
  }

  /** Looks for instructions with a property, too. */
  Dependence or(Predicate<HloInstruction> property) {
    return new Dependence(sought.or(property));
  }

  /** Does not look behind these instructions, which count as independent. */
  Dependence notBeyond(List<HloInstruction> instructions) {
    instructions.forEach(x -> known.put(x, false));
    return this;
  }

  /** Returns whether an instruction is one of those sought or depends on one. */
  boolean holds(HloInstruction root) {
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    stack.push(root);
    while (!stack.isEmpty()) {
      HloInstruction x = stack.peek();
      if (known.containsKey(x)) {
        stack.pop();
        continue;
      }
      if (sought.test(x)) {
        known.put(x, true);
        stack.pop();
        continue;
      }
      boolean complete = true;
      boolean depends = false;
      for (HloInstruction operand : x.operands()) {
        Boolean of = known.get(operand);
        if (of == null) {
          stack.push(operand);
          complete = false;
        } else {
          depends |= of;
        }
      }
      if (complete) {
        known.put(x, depends);
        stack.pop();
      }
    }
    return known.getOrDefault(root, false);
  }
}
