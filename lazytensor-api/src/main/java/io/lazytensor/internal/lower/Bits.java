package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/** Operations on the bits of integers; pred is one bit. */
public final class Bits {
  private Bits() {}

  /** Combines bits by and, or, exclusive or. */
  public static HloInstruction combine(
      HloBuilder b, BinaryKind kind, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = Broadcasting.align(b, "bitwise " + kind.hloName(), x, y);
    requireIntegers(b, p.x());
    return binary(b, kind, p.x(), p.y());
  }

  /** Returns the complement. */
  public static HloInstruction not(HloBuilder b, HloInstruction x) {
    requireIntegers(b, x);
    return unary(b, UnaryKind.NOT, x);
  }

  /** Moves bits to the left; all are lost if moved by the type's width or more. */
  public static HloInstruction shiftLeft(HloBuilder b, HloInstruction x, HloInstruction by) {
    return shift(b, BinaryKind.SHIFT_LEFT, x, by);
  }

  /** Moves bits to the right; signed integers keep their sign. */
  public static HloInstruction shiftRight(HloBuilder b, HloInstruction x, HloInstruction by) {
    return type(x).isUnsigned()
        ? shift(b, BinaryKind.SHIFT_RIGHT_LOGICAL, x, by)
        : shift(b, BinaryKind.SHIFT_RIGHT_ARITHMETIC, x, by);
  }

  private static HloInstruction shift(
      HloBuilder b, BinaryKind kind, HloInstruction x, HloInstruction by) {
    Broadcasting.Pair p = Broadcasting.align(b, "shift", x, by);
    requireIntegers(b, p.x());
    if (type(p.x()) == DType.PRED) {
      throw refuse(b, b.metadata().opName() + " of " + x.shape() + ": expected integers");
    }
    return binary(b, kind, p.x(), p.y());
  }

  private static void requireIntegers(HloBuilder b, HloInstruction x) {
    if (type(x).isFloating()) {
      throw refuse(b, b.metadata().opName() + " of " + x.shape() + ": expected integers or pred");
    }
  }
}
