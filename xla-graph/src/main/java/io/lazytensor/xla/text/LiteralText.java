package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnsupportedException;

/** Values in HLO text: {@code 1.5}, {@code {1, 2}}, {@code { {1}, {2} }}. */
final class LiteralText {
  private LiteralText() {}

  static String of(Literal literal) {
    StringBuilder out = new StringBuilder();
    append(out, literal, 0, 0);
    return out.toString();
  }

  /** Appends the part of a literal below one dimension; returns the next element's position. */
  private static long append(StringBuilder out, Literal literal, int dimension, long from) {
    ArrayShape shape = literal.shape();
    if (dimension == shape.rank()) {
      out.append(element(shape.dtype(), literal.bits(from)));
      return from + 1;
    }
    boolean innermost = dimension == shape.rank() - 1;
    long at = from;
    out.append(innermost ? "{" : "{ ");
    for (int i = 0; i < shape.dim(dimension); i++) {
      out.append(i == 0 ? "" : ", ");
      at = append(out, literal, dimension + 1, at);
    }
    out.append(innermost ? "}" : " }");
    return at;
  }

  private static String element(DType type, long bits) {
    return switch (type) {
      case PRED -> bits != 0 ? "true" : "false";
      case S2, S4, S8, S16, S32, S64, U2, U4, U8, U16, U32 ->
          Long.toString(Numbers.toLong(type, bits));
      case U64 -> Long.toUnsignedString(bits);
      case F64 -> real(Double.toString(Double.longBitsToDouble(bits)));
      // The shortest decimal that reads back as the same f32 does so for narrower types too.
      case F16,
          BF16,
          F32,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          real(Float.toString((float) Numbers.toDouble(type, bits)));
      case C64, C128 ->
          throw new UnsupportedException("literals of " + type + " are not printed yet");
    };
  }

  private static String real(String text) {
    String plain = text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    return switch (plain) {
      case "NaN" -> "nan";
      case "Infinity" -> "inf";
      case "-Infinity" -> "-inf";
      default -> plain.replace("E", "e");
    };
  }
}
