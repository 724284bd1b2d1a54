package io.lazytensor.autograd;

import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies instructions with some of their operands replaced. What depends on nothing replaced is
 * shared with the original. Walks are iterative.
 */
final class Rewriting {
  private final Map<HloInstruction, HloInstruction> known = new IdentityHashMap<>();
  private final boolean annotated;

  private Rewriting(boolean annotated) {
    this.annotated = annotated;
  }

  /** Copies with what gradients need to know, to be differentiated again. */
  static Rewriting annotated() {
    return new Rewriting(true);
  }

  /** Copies bare HLO. */
  static Rewriting bare() {
    return new Rewriting(false);
  }

  /** Replaces one instruction by another; what it depends on is not looked at. */
  Rewriting replace(HloInstruction from, HloInstruction to) {
    known.put(from, to);
    return this;
  }

  /** Replaces instructions by others. */
  Rewriting replace(List<HloInstruction> from, List<HloInstruction> to) {
    for (int i = 0; i < from.size(); i++) {
      known.put(from.get(i), to.get(i));
    }
    return this;
  }

  List<HloInstruction> apply(List<HloInstruction> roots) {
    List<HloInstruction> out = new ArrayList<>(roots.size());
    for (HloInstruction root : roots) {
      out.add(apply(root));
    }
    return out;
  }

  HloInstruction apply(HloInstruction root) {
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    stack.push(root);
    while (!stack.isEmpty()) {
      HloInstruction x = stack.peek();
      if (known.containsKey(x)) {
        stack.pop();
        continue;
      }
      int before = stack.size();
      pushUnknown(stack, x.operands());
      if (annotated) {
        pushUnknown(stack, GradientRegion.beside(x));
      }
      if (stack.size() == before) {
        stack.pop();
        known.put(x, copy(x));
      }
    }
    return rewritten(root);
  }

  private void pushUnknown(ArrayDeque<HloInstruction> stack, List<HloInstruction> instructions) {
    for (int i = instructions.size() - 1; i >= 0; i--) {
      if (!known.containsKey(instructions.get(i))) {
        stack.push(instructions.get(i));
      }
    }
  }

  private HloInstruction rewritten(HloInstruction x) {
    return known.getOrDefault(x, x);
  }

  private boolean changes(List<HloInstruction> instructions) {
    for (HloInstruction x : instructions) {
      if (rewritten(x) != x) {
        return true;
      }
    }
    return false;
  }

  private HloInstruction copy(HloInstruction x) {
    Object annotation = annotated ? x.annotation() : null;
    boolean same = annotation == x.annotation() && !changes(x.operands());
    if (same && !(annotated && changes(GradientRegion.beside(x)))) {
      return x;
    }
    List<HloInstruction> operands = x.operands().stream().map(this::rewritten).toList();
    return new HloInstruction(x.op(), x.shape(), operands, x.metadata(), annotation(x));
  }

  private @Nullable Object annotation(HloInstruction x) {
    return switch (annotated ? x.annotation() : null) {
      case GradientRegion.CustomGradient(var inputs, var rule) ->
          new GradientRegion.CustomGradient(
              inputs.stream().map(this::rewritten).toList(),
              (b, _, _, gradient) -> applied(rule.apply(b, inputs, x, gradient), gradient));
      case GradientRegion.Scan scan when scan.supersedes() != null ->
          new GradientRegion.Scan(scan.body(), rewritten(scan.supersedes()));
      // The members are those of the original; a copy keeps its values.
      case GradientRegion.Checkpoint _ -> null;
      case null -> null;
      case Object other -> other;
    };
  }

  /**
   * Returns what a rule made of the originals in terms of the copies. A rule may hold on to any
   * instruction, so that it cannot be given other inputs.
   *
   * @param gradient what the rule was given, and is not looked behind
   */
  List<@Nullable HloInstruction> applied(
      List<@Nullable HloInstruction> contributions, HloInstruction gradient) {
    known.put(gradient, gradient);
    List<@Nullable HloInstruction> out = new ArrayList<>(contributions.size());
    for (HloInstruction contribution : contributions) {
      out.add(contribution == null ? null : apply(contribution));
    }
    return out;
  }
}
