package io.lazytensor.internal.record;

import io.lazytensor.autograd.GradientRegion;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Which instructions were made inside of a region: those that nothing recorded before its beginning
 * depends on. A function of the recording's path alone.
 */
final class Membership {
  private final Set<HloInstruction> before = Collections.newSetFromMap(new IdentityHashMap<>());

  private Membership() {}

  /** Looks at everything up to a region's first call. */
  static Membership of(Call begin) {
    Membership out = new Membership();
    ArrayDeque<HloInstruction> open = new ArrayDeque<>();
    for (Call call = begin; call != null; call = call.parentOrNull()) {
      for (HloInstruction result : call.results()) {
        if (result != null) {
          open.add(result);
        }
      }
    }
    while (!open.isEmpty()) {
      HloInstruction x = open.remove();
      if (out.before.add(x)) {
        open.addAll(x.operands());
        open.addAll(GradientRegion.beside(x));
      }
    }
    return out;
  }

  /** Returns whether an instruction was made inside: reads are the recording's own. */
  boolean has(HloInstruction x) {
    return !(x.op() instanceof HloOp.Parameter) && !before.contains(x);
  }

  /** Returns the region's instructions that results depend on, operands first. */
  List<HloInstruction> behind(List<HloInstruction> results) {
    List<HloInstruction> out = new ArrayList<>();
    Set<HloInstruction> done = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    for (int i = results.size() - 1; i >= 0; i--) {
      stack.push(results.get(i));
    }
    while (!stack.isEmpty()) {
      HloInstruction x = stack.peek();
      int size = stack.size();
      if (!done.contains(x) && has(x)) {
        push(stack, done, x.operands());
        push(stack, done, GradientRegion.beside(x));
      }
      if (stack.size() == size) {
        stack.pop();
        if (has(x) && done.add(x)) {
          out.add(x);
        }
      }
    }
    return out;
  }

  private void push(
      ArrayDeque<HloInstruction> stack, Set<HloInstruction> done, List<HloInstruction> operands) {
    for (int i = operands.size() - 1; i >= 0; i--) {
      HloInstruction x = operands.get(i);
      if (has(x) && !done.contains(x)) {
        stack.push(x);
      }
    }
  }

  /** Returns what members use from outside, constants of the program excepted. */
  List<HloInstruction> inputs(List<HloInstruction> members) {
    Set<HloInstruction> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<HloInstruction> out = new ArrayList<>();
    for (HloInstruction member : members) {
      for (HloInstruction x : member.operands()) {
        add(x, seen, out);
      }
      for (HloInstruction x : GradientRegion.beside(member)) {
        add(x, seen, out);
      }
    }
    return out;
  }

  private void add(HloInstruction x, Set<HloInstruction> seen, List<HloInstruction> out) {
    if (!has(x) && !(x.op() instanceof HloOp.Constant) && seen.add(x)) {
      out.add(x);
    }
  }
}
