package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/**
 * Types and attributes in MLIR's syntax.
 *
 * <p>Source: MLIR {@code docs/Dialects/Builtin.md}, StableHLO {@code docs/spec.md}.
 */
final class MlirText {
  private MlirText() {}

  /** Writes the type of an array or a token. */
  static String type(Shape shape) {
    return switch (shape) {
      case ArrayShape array -> {
        StringBuilder out = new StringBuilder("tensor<");
        for (int i = 0; i < array.rank(); i++) {
          out.append(array.dim(i)).append('x');
        }
        yield out.append(element(array.dtype())).append('>').toString();
      }
      case TokenShape _ -> "!stablehlo.token";
      case TupleShape _ -> throw new IllegalStateException(shape + " is written leaf by leaf");
    };
  }

  static String types(List<? extends Shape> shapes) {
    return shapes.stream().map(MlirText::type).collect(Collectors.joining(", ", "(", ")"));
  }

  static String element(DType type) {
    return switch (type) {
      case PRED -> "i1";
      case S2 -> "i2";
      case S4 -> "i4";
      case S8 -> "i8";
      case S16 -> "i16";
      case S32 -> "i32";
      case S64 -> "i64";
      case U2 -> "ui2";
      case U4 -> "ui4";
      case U8 -> "ui8";
      case U16 -> "ui16";
      case U32 -> "ui32";
      case U64 -> "ui64";
      case F16 -> "f16";
      case BF16 -> "bf16";
      case F32 -> "f32";
      case F64 -> "f64";
      case C64 -> "complex<f32>";
      case C128 -> "complex<f64>";
      case F8E5M2 -> "f8E5M2";
      case F8E4M3FN -> "f8E4M3FN";
      case F8E4M3B11FNUZ -> "f8E4M3B11FNUZ";
      case F8E5M2FNUZ -> "f8E5M2FNUZ";
      case F8E4M3FNUZ -> "f8E4M3FNUZ";
      case F8E4M3 -> "f8E4M3";
      case F8E3M4 -> "f8E3M4";
      case F8E8M0FNU -> "f8E8M0FNU";
      case F4E2M1FN -> "f4E2M1FN";
    };
  }

  /** Writes a reference to a legal HLO name; dashes need quotes. */
  static String symbol(String name) {
    return name.contains("-") ? "@\"" + name + "\"" : "@" + name;
  }

  /** Writes {@code array<i64: 1, 2>}. */
  static String array(Dims dims) {
    return dims.isEmpty() ? "array<i64>" : "array<i64: " + spaced(dims) + ">";
  }

  /** Writes {@code [1, 2]}. */
  static String list(Dims dims) {
    return "[" + spaced(dims) + "]";
  }

  private static String spaced(Dims dims) {
    return dims.stream().mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  /** Writes rows of equal length as a matrix. */
  static String matrix(List<Dims> rows, int columns) {
    String content =
        rows.isEmpty() || columns == 0
            ? ""
            : rows.stream().map(MlirText::list).collect(Collectors.joining(", ", "[", "]"));
    return "dense<%s> : tensor<%dx%dxi64>".formatted(content, rows.size(), columns);
  }

  /** Writes an order of dimensions, such as a layout. */
  static String index(Dims dims) {
    return "dense<%s> : tensor<%dxindex>".formatted(dims.isEmpty() ? "" : list(dims), dims.size());
  }

  /** Writes a float attribute of type {@code f32}. */
  static String real(float value) {
    return number(DType.F32, Float.floatToRawIntBits(value) & 0xFFFF_FFFFL) + " : f32";
  }

  // ---- constants --------------------------------------------------------------------------------

  /** Writes {@code dense<…> : tensor<…>}; one value stands for an array of it. */
  static String dense(Literal literal) {
    ArrayShape shape = literal.shape();
    long count = shape.elementCount();
    LongFunction<String> element = element(literal);
    String content;
    if (count == 0) {
      content = "";
    } else if (isSplat(literal)) {
      content = element.apply(0);
    } else {
      StringBuilder out = new StringBuilder();
      append(out, shape, element, 0, 0);
      content = out.toString();
    }
    return "dense<" + content + "> : " + type(shape);
  }

  private static boolean isSplat(Literal literal) {
    int size = literal.shape().dtype().byteSize();
    MemorySegment bytes = literal.segment();
    // Every element equals the next one.
    return bytes.byteSize() == size
        || bytes
                .asSlice(0, bytes.byteSize() - size)
                .mismatch(bytes.asSlice(size, bytes.byteSize() - size))
            < 0;
  }

  private static long append(
      StringBuilder out, ArrayShape shape, LongFunction<String> element, int dimension, long from) {
    if (dimension == shape.rank()) {
      out.append(element.apply(from));
      return from + 1;
    }
    long at = from;
    for (int i = 0; i < shape.dim(dimension); i++) {
      out.append(i == 0 ? "[" : ", ");
      at = append(out, shape, element, dimension + 1, at);
    }
    out.append(']');
    return at;
  }

  private static LongFunction<String> element(Literal literal) {
    DType type = literal.shape().dtype();
    if (!type.isComplex()) {
      return i -> number(type, literal.bits(i));
    }
    DType part = type.realType();
    MemorySegment bytes = literal.segment();
    return i ->
        "(%s, %s)"
            .formatted(
                number(part, Literal.readBits(bytes, 2 * i, part)),
                number(part, Literal.readBits(bytes, 2 * i + 1, part)));
  }

  private static String number(DType type, long bits) {
    if (type == DType.PRED) {
      return bits != 0 ? "true" : "false";
    }
    if (type == DType.U64) {
      return Long.toUnsignedString(bits);
    }
    if (!type.isFloating()) {
      return Long.toString(Numbers.toLong(type, bits));
    }
    if (!Double.isFinite(Numbers.toDouble(type, bits))) {
      return ("0x%0" + Math.max(1, type.bitWidth() / 4) + "X").formatted(bits);
    }
    // MLIR tells floats from integers by the point.
    String text = FloatText.of(type, bits);
    int exponent = text.indexOf('e');
    String mantissa = exponent < 0 ? text : text.substring(0, exponent);
    return (mantissa.contains(".") ? mantissa : mantissa + ".0")
        + (exponent < 0 ? "" : text.substring(exponent));
  }

  static UnsupportedException noForm(String what) {
    return new UnsupportedException("StableHLO has no form of " + what);
  }
}
