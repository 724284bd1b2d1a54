package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** Shapes in HLO text: {@code f32[2,3]{1,0}}, {@code (f32[], s32[4]{0})}, {@code token[]}. */
final class ShapeText {
  private ShapeText() {}

  /** Writes a shape with row-major layouts. */
  static String withLayout(Shape shape) {
    return withLayout(shape, Collections.emptyIterator());
  }

  /**
   * Writes a shape with the next layouts, one for each array; when there are no more, row-major.
   */
  static String withLayout(Shape shape, Iterator<Dims> layouts) {
    return switch (shape) {
      case ArrayShape array -> {
        Dims order = layouts.hasNext() ? layouts.next() : rowMajor(array.rank());
        yield order.isEmpty() ? array.toString() : array + "{" + order + "}";
      }
      case TupleShape(List<Shape> elements) -> {
        List<String> parts = new ArrayList<>();
        elements.forEach(e -> parts.add(withLayout(e, layouts)));
        yield "(" + indexed(parts) + ")";
      }
      case TokenShape token -> token.toString();
    };
  }

  /** Writes a shape without its layout. */
  static String plain(Shape shape) {
    return switch (shape) {
      case ArrayShape array -> array.toString();
      case TupleShape(List<Shape> elements) ->
          "(" + indexed(elements.stream().map(ShapeText::plain).toList()) + ")";
      case TokenShape token -> token.toString();
    };
  }

  /** Returns how many arrays are in a shape. */
  static int arrays(Shape shape) {
    return switch (shape) {
      case ArrayShape _ -> 1;
      case TupleShape(List<Shape> elements) -> elements.stream().mapToInt(ShapeText::arrays).sum();
      case TokenShape _ -> 0;
    };
  }

  /** Returns the order of dimensions, minor to major, in which the last is the most minor. */
  static Dims rowMajor(int rank) {
    return Dims.of(IntStream.range(0, rank).map(i -> rank - 1 - i).toArray());
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
