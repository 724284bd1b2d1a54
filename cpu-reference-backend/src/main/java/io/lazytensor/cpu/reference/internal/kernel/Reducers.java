package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.Optional;

/** Recognises reducers. */
public final class Reducers {
  private Reducers() {}

  /** Returns the operation of a computation that applies a commutative one to its two arguments. */
  public static Optional<BinaryKind> simpleKind(HloComputation computation) {
    HloInstruction root = computation.root();
    if (computation.parameters().size() != 2
        || !(root.op() instanceof HloOp.Binary(BinaryKind kind))
        || !root.shape().equals(root.operand(0).shape())) {
      return Optional.empty();
    }
    HloInstruction first = computation.parameters().get(0);
    HloInstruction second = computation.parameters().get(1);
    boolean both =
        (root.operand(0) == first && root.operand(1) == second)
            || (root.operand(0) == second && root.operand(1) == first);
    return both && isCommutative(kind) ? Optional.of(kind) : Optional.empty();
  }

  /** Returns whether a selection keeps the first of its two arguments if it is not less. */
  static boolean keepsGreatest(HloComputation computation) {
    return ordering(computation)
        .filter(o -> o.direction() == ComparisonDirection.GE && !o.totalOrder() && !o.swapped())
        .isPresent();
  }

  /**
   * A computation that only compares two neighbouring arguments.
   *
   * @param pair their number divided by two
   * @param direction the question
   * @param totalOrder whether floats are ordered totally
   * @param swapped whether the second argument stands left
   */
  public record Ordering(
      int pair, ComparisonDirection direction, boolean totalOrder, boolean swapped) {}

  /** Returns what a computation compares, if it does nothing else. */
  public static Optional<Ordering> ordering(HloComputation computation) {
    HloInstruction root = computation.root();
    if (root.op() instanceof HloOp.Compare(var direction, boolean totalOrder)
        && root.operand(0).op() instanceof HloOp.Parameter(int left, _)
        && root.operand(1).op() instanceof HloOp.Parameter(int right, _)
        && left != right
        && left / 2 == right / 2) {
      return Optional.of(new Ordering(left / 2, direction, totalOrder, left > right));
    }
    return Optional.empty();
  }

  private static boolean isCommutative(BinaryKind kind) {
    return switch (kind) {
      case ADD, MULTIPLY, MAXIMUM, MINIMUM, AND, OR, XOR -> true;
      case ATAN2,
          DIVIDE,
          MULHI,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          SUBTRACT ->
          false;
    };
  }
}
