package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.List;

/** Shapes in HLO text: {@code f32[2,3]{1,0}}, {@code (f32[], s32[4]{0})}, {@code token[]}. */
final class ShapeText {
  private ShapeText() {}

  /** Writes a shape with its layout, which is always row-major. */
  static String withLayout(Shape shape) {
    return text(shape, true);
  }

  /** Writes a shape without its layout. */
  static String plain(Shape shape) {
    return text(shape, false);
  }

  private static String text(Shape shape, boolean layout) {
    return switch (shape) {
      case ArrayShape array -> layout && array.rank() > 0 ? array + rowMajor(array) : "" + array;
      case TupleShape(List<Shape> elements) ->
          "(" + indexed(elements.stream().map(e -> text(e, layout)).toList()) + ")";
      case TokenShape token -> token.toString();
    };
  }

  private static String rowMajor(ArrayShape array) {
    StringBuilder layout = new StringBuilder("{");
    for (int d = array.rank() - 1; d >= 0; d--) {
      layout.append(d).append(d == 0 ? "}" : ",");
    }
    return layout.toString();
  }

  /** Joins with commas, and counts aloud at every fifth, as XLA does for people. */
  static String indexed(List<String> parts) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      if (i > 0 && i % 5 == 0) {
        out.append("/*index=").append(i).append("*/");
      }
      out.append(parts.get(i));
    }
    return out.toString();
  }
}
