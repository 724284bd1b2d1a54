package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ShapeException;

/**
 * Which type an operation of several types computes in.
 *
 * <p>Source: PyTorch, "Tensor Attributes", section torch.dtype: categories pred &lt; integer &lt;
 * floating; a scalar tensor raises the category but not the width within it. The default
 * floating-point type is {@code f32}, the default integer type {@code s32}.
 */
public final class Promotion {
  private Promotion() {}

  /**
   * Returns the smallest type that holds both, as {@code torch.promote_types}.
   *
   * @throws ShapeException for {@code u16}, {@code u32} or {@code u64} with a signed type, as in
   *     PyTorch
   */
  public static DType promote(DType x, DType y) {
    if (x == y) {
      return x;
    }
    if (category(x) != category(y)) {
      return category(x) > category(y) ? x : y;
    }
    if (x.isFloating()) {
      return x.byteSize() == y.byteSize() ? DType.F32 : wider(x, y);
    }
    if (x.isUnsigned() == y.isUnsigned()) {
      return wider(x, y);
    }
    DType unsigned = x.isUnsigned() ? x : y;
    DType signed = x.isUnsigned() ? y : x;
    if (unsigned != DType.U8) {
      throw new ShapeException(
          "no common type for " + x + " and " + y + ": cast one of them to the other's type");
    }
    return signed == DType.S8 ? DType.S16 : signed;
  }

  /** Returns the type of a result of two operands, as {@code torch.result_type}. */
  public static DType resultType(ArrayShape x, ArrayShape y) {
    if (x.isScalar() == y.isScalar()) {
      return promote(x.dtype(), y.dtype());
    }
    DType array = x.isScalar() ? y.dtype() : x.dtype();
    DType scalar = x.isScalar() ? x.dtype() : y.dtype();
    return category(scalar) > category(array) ? scalar : array;
  }

  /** Returns the result's type, or refuses with the operation and both shapes. */
  static DType resultType(HloBuilder b, String op, HloInstruction x, HloInstruction y) {
    try {
      return resultType(x.arrayShape(), y.arrayShape());
    } catch (ShapeException e) {
      throw refuse(b, op + " of " + x.shape() + " and " + y.shape() + ": " + e.getMessage());
    }
  }

  /**
   * Returns the type a Java number takes beside a tensor.
   *
   * @return the tensor's type; {@code f32} if the tensor is no floating-point tensor and the number
   *     is a {@code Float} or {@code Double}; {@code s32} for a pred tensor and an integer
   */
  public static DType literalType(DType tensor, Number value) {
    if (tensor.isFloating()) {
      return tensor;
    }
    if (value instanceof Float || value instanceof Double) {
      return DType.F32;
    }
    return tensor == DType.PRED ? DType.S32 : tensor;
  }

  /** Returns a Java number as a scalar of the type it takes beside a tensor. */
  public static HloInstruction literal(HloBuilder b, Number value, HloInstruction beside) {
    return literal(b, value, literalType(type(beside), value));
  }

  /** Returns a Java number as a scalar; an integer that the type cannot hold is refused. */
  public static HloInstruction literal(HloBuilder b, Number value, DType type) {
    if (!type.isInteger() || value instanceof Float || value instanceof Double) {
      return Primitives.constant(b, type, value.doubleValue());
    }
    long bits = value.longValue();
    int shift = Long.SIZE - type.bitWidth();
    long kept = type.isUnsigned() ? bits << shift >>> shift : bits << shift >> shift;
    if (kept != bits) {
      throw refuse(b, "the number " + value + " does not fit into " + type + ": cast the tensor");
    }
    return b.add(new HloOp.Constant(Literal.scalarBits(type, bits)));
  }

  /** Returns the operand as floating point: integers and pred become {@code f32}. */
  static HloInstruction floating(HloBuilder b, HloInstruction x) {
    return type(x).isFloating() ? x : convert(b, x, DType.F32);
  }

  private static DType wider(DType x, DType y) {
    return x.byteSize() >= y.byteSize() ? x : y;
  }

  private static int category(DType type) {
    if (type.isFloating()) {
      return 2;
    }
    return type == DType.PRED ? 0 : 1;
  }
}
