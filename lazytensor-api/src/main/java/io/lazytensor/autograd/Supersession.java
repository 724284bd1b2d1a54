package io.lazytensor.autograd;

import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes loops out of a graph that another loop stands for: differentiating a scan makes a second
 * one that also keeps what the gradient needs, and running both would be twice the work.
 */
public final class Supersession {
  private Supersession() {}

  /** Returns the same results, computed without superseded loops. */
  public static List<HloInstruction> apply(List<HloInstruction> roots) {
    Map<HloInstruction, HloInstruction> successors = successors(roots);
    return successors.isEmpty() ? roots : new Replacing(successors).apply(roots);
  }

  private static Map<HloInstruction, HloInstruction> successors(List<HloInstruction> roots) {
    Map<HloInstruction, HloInstruction> out = new IdentityHashMap<>();
    Set<HloInstruction> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloInstruction> open = new ArrayDeque<>(roots);
    while (!open.isEmpty()) {
      HloInstruction x = open.remove();
      if (!seen.add(x)) {
        continue;
      }
      if (x.annotation() instanceof GradientRegion.Scan scan && scan.supersedes() != null) {
        out.putIfAbsent(scan.supersedes(), x);
      }
      open.addAll(x.operands());
    }
    return out;
  }

  /** Copies what leads from replaced loops to the results. */
  private static final class Replacing {
    private final Map<HloInstruction, HloInstruction> successors;
    private final Map<HloInstruction, HloInstruction> copies = new IdentityHashMap<>();

    Replacing(Map<HloInstruction, HloInstruction> successors) {
      this.successors = successors;
    }

    private HloInstruction latest(HloInstruction x) {
      HloInstruction out = x;
      for (HloInstruction next = successors.get(out); next != null; next = successors.get(out)) {
        out = next;
      }
      return out;
    }

    List<HloInstruction> apply(List<HloInstruction> roots) {
      ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
      for (int i = roots.size() - 1; i >= 0; i--) {
        stack.push(latest(roots.get(i)));
      }
      while (!stack.isEmpty()) {
        HloInstruction x = stack.peek();
        if (copies.containsKey(x)) {
          stack.pop();
          continue;
        }
        boolean complete = true;
        boolean same = true;
        List<HloInstruction> operands = new ArrayList<>(x.operands().size());
        for (HloInstruction operand : x.operands()) {
          HloInstruction copy = copies.get(latest(operand));
          if (copy == null) {
            stack.push(latest(operand));
            complete = false;
          } else {
            same &= copy == operand;
            operands.add(copy);
          }
        }
        if (complete) {
          stack.pop();
          copies.put(x, same ? x : copy(x, operands));
        }
      }
      return roots.stream().map(x -> copies.getOrDefault(latest(x), x)).toList();
    }

    /** A loop that took another's place has more results: its elements are of a larger tuple. */
    private static HloInstruction copy(HloInstruction x, List<HloInstruction> operands) {
      return new HloInstruction(x.op(), x.shape(), operands, x.metadata(), x.annotation());
    }
  }
}
