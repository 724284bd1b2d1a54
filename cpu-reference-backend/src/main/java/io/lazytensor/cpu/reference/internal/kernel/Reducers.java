package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.BinaryKind;
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
