package io.lazytensor.internal.lower;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Locale;

/** The scalar computations that reductions fold with, and their identities. */
final class Reducers {
  private Reducers() {}

  /** Folds along dimensions; the operand itself if there are none. */
  static HloInstruction reduce(HloBuilder b, BinaryKind kind, HloInstruction x, Dims dimensions) {
    if (dimensions.isEmpty()) {
      return x;
    }
    DType type = Primitives.type(x);
    return b.add(new HloOp.Reduce(dimensions, computation(kind, type)), x, identity(b, kind, type));
  }

  /** Returns the computation of two scalars. */
  static HloComputation computation(BinaryKind kind, DType type) {
    HloBuilder b = new HloBuilder();
    ArrayShape scalar = ArrayShape.scalar(type);
    HloInstruction x = b.add(new HloOp.Parameter(0, scalar));
    HloInstruction y = b.add(new HloOp.Parameter(1, scalar));
    String name = kind.name().toLowerCase(Locale.ROOT) + "_" + type;
    return HloComputation.of(name, List.of(x, y), b.add(new HloOp.Binary(kind), x, y));
  }

  /** Returns the value that changes nothing. */
  static HloInstruction identity(HloBuilder b, BinaryKind kind, DType type) {
    return switch (kind) {
      case ADD, OR, XOR -> Primitives.constant(b, type, 0);
      case MULTIPLY -> Primitives.constant(b, type, 1);
      case AND -> bits(b, type, type == DType.PRED ? 1 : -1L);
      case MAXIMUM -> lowest(b, type);
      case MINIMUM -> highest(b, type);
      case ATAN2,
          DIVIDE,
          MULHI,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          SUBTRACT ->
          throw new IllegalArgumentException(kind + " does not reduce");
    };
  }

  /** Returns the smallest value of a type, -∞ for floats. */
  static HloInstruction lowest(HloBuilder b, DType type) {
    if (type.isFloating()) {
      return Primitives.constant(b, type, Double.NEGATIVE_INFINITY);
    }
    return bits(b, type, type.isSigned() ? 1L << (type.bitWidth() - 1) : 0);
  }

  /** Returns the greatest value of a type, +∞ for floats. */
  static HloInstruction highest(HloBuilder b, DType type) {
    if (type.isFloating()) {
      return Primitives.constant(b, type, Double.POSITIVE_INFINITY);
    }
    if (type == DType.PRED) {
      return bits(b, type, 1);
    }
    return bits(b, type, type.isSigned() ? (1L << (type.bitWidth() - 1)) - 1 : -1L);
  }

  private static HloInstruction bits(HloBuilder b, DType type, long bits) {
    return b.add(new HloOp.Constant(Literal.scalarBits(type, bits)));
  }
}
