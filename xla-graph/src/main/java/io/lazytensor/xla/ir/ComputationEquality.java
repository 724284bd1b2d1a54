package io.lazytensor.xla.ir;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Compares two computations and what they call, pair by pair. While one pair is compared, {@link
 * HloComputation#equals} only notes the pairs that their operations call.
 */
final class ComputationEquality {
  private final ArrayDeque<Pair> open = new ArrayDeque<>();
  private final Map<Pair, Boolean> noted = new HashMap<>();

  /** Two computations, known by their identity. */
  private record Pair(HloComputation left, HloComputation right) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Pair that && left == that.left && right == that.right;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(left) * 31 + System.identityHashCode(right);
    }
  }

  /** Notes a pair that has to be equal too. */
  void later(HloComputation left, HloComputation right) {
    Pair pair = new Pair(left, right);
    if (noted.put(pair, true) == null) {
      open.add(pair);
    }
  }

  /** Returns whether all pairs are equal. */
  boolean holds() {
    while (!open.isEmpty()) {
      Pair pair = open.remove();
      if (!same(pair.left(), pair.right())) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(HloComputation left, HloComputation right) {
    Map<HloInstruction, HloInstruction> twin = new IdentityHashMap<>();
    for (int i = 0; i < left.instructions().size(); i++) {
      HloInstruction a = left.instructions().get(i);
      HloInstruction b = right.instructions().get(i);
      if (a.operands().size() != b.operands().size()
          || !a.shape().equals(b.shape())
          || !a.op().equals(b.op())) {
        return false;
      }
      for (int k = 0; k < a.operands().size(); k++) {
        if (twin.get(a.operand(k)) != b.operand(k)) {
          return false;
        }
      }
      twin.put(a, b);
    }
    return twin.get(left.root()) == right.root();
  }
}
