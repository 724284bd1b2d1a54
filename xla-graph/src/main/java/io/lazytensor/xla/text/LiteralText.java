package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;

/**
 * Values in HLO text: {@code 1.5}, {@code {1, 2}}, {@code { { 1 }, { 2 } }}.
 *
 * <p>Source: XLA {@code DenseArrayToStringHelper} in {@code xla/literal.cc}.
 */
final class LiteralText {
  private static final long MOST_EMPTY_BRACES = 1 << 20;

  private final Literal literal;
  private final ArrayShape shape;
  private final DType part;
  private final MemorySegment bytes;
  private final StringBuilder out = new StringBuilder();
  private long next;

  private LiteralText(Literal literal) {
    this.literal = literal;
    this.shape = literal.shape();
    this.part = shape.dtype().realType();
    this.bytes = literal.segment();
  }

  static String of(Literal literal) {
    ArrayShape shape = literal.shape();
    if (shape.elementCount() == 0) {
      long braces = 1;
      for (int i = 0; i < shape.rank() && shape.dim(i) != 0; i++) {
        braces *= shape.dim(i);
        if (braces > MOST_EMPTY_BRACES) {
          throw new UnsupportedException(
              "HLO text of an empty literal " + shape + " is nothing but braces");
        }
      }
    }
    LiteralText text = new LiteralText(literal);
    text.append(0, -1);
    return text.out.toString();
  }

  /**
   * Appends everything below one dimension.
   *
   * @param index where in the dimension above, or -1 at the top
   */
  private void append(int dimension, int index) {
    int rank = shape.rank();
    if (dimension == rank) {
      element();
      return;
    }
    boolean innermost = dimension == rank - 1;
    int size = shape.dim(dimension);
    String space = innermost && (rank == 1 || size <= 1) ? "" : " ";
    out.append('{');
    if (!innermost && rank > 3 && index >= 0) {
      out.append(" /*i").append(dimension - 1).append('=').append(index).append("*/");
    }
    out.append(space);
    for (int i = 0; i < size; i++) {
      out.append(i == 0 ? "" : ", ");
      append(dimension + 1, i);
    }
    out.append(space).append('}');
  }

  private void element() {
    if (shape.dtype().isComplex()) {
      out.append('(').append(FloatText.of(part, Literal.readBits(bytes, 2 * next, part)));
      out.append(", ").append(FloatText.of(part, Literal.readBits(bytes, 2 * next + 1, part)));
      out.append(')');
      next++;
      return;
    }
    long bits = literal.bits(next++);
    // XLA writes true and false only where they stand alone.
    boolean digit = part == DType.PRED && shape.rank() > 0;
    out.append(digit ? (bits != 0 ? "1" : "0") : scalar(part, bits));
  }

  private static String scalar(DType type, long bits) {
    return switch (type) {
      case PRED -> bits != 0 ? "true" : "false";
      case S2, S4, S8, S16, S32, S64, U2, U4, U8, U16, U32 ->
          Long.toString(Numbers.toLong(type, bits));
      case U64 -> Long.toUnsignedString(bits);
      case F16,
          BF16,
          F32,
          F64,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          FloatText.of(type, bits);
      case C64, C128 -> throw new IllegalStateException(type + " has two parts");
    };
  }
}
