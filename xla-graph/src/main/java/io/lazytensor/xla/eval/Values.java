package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Values while they are evaluated: an {@link ArrayValue}, a list of values for a tuple, or {@link
 * Token#TOKEN}. Seen from outside, the arrays inside of tuples follow one another.
 */
final class Values {
  private Values() {}

  /** Returns the arrays of some shapes, in order, those inside of tuples included. */
  static List<ArrayShape> leaves(List<? extends Shape> shapes) {
    List<ArrayShape> out = new ArrayList<>();
    shapes.forEach(shape -> addLeaves(shape, out));
    return out;
  }

  private static void addLeaves(Shape shape, List<ArrayShape> out) {
    switch (shape) {
      case ArrayShape array -> out.add(array);
      case TupleShape(List<Shape> elements) -> elements.forEach(element -> addLeaves(element, out));
      case TokenShape _ -> {}
    }
  }

  /** Builds a value of a shape from its arrays. */
  static Object build(Shape shape, Iterator<Literal> leaves) {
    return switch (shape) {
      case ArrayShape _ -> ArrayValue.of(leaves.next());
      case TupleShape(List<Shape> elements) -> {
        List<Object> out = new ArrayList<>(elements.size());
        elements.forEach(element -> out.add(build(element, leaves)));
        yield out;
      }
      case TokenShape _ -> Token.TOKEN;
    };
  }

  /** Returns the arrays of a value, in order. */
  static List<Literal> literals(Object value) {
    List<Literal> out = new ArrayList<>();
    addLiterals(value, out);
    return out;
  }

  private static void addLiterals(Object value, List<Literal> out) {
    switch (value) {
      case ArrayValue array -> out.add(array.literal());
      case List<?> tuple -> tuple.forEach(element -> addLiterals(element, out));
      default -> {} // A token has no data.
    }
  }

  /** Returns the shapes of the arrays of a value, in order. */
  static List<ArrayShape> shapes(Object value) {
    return switch (value) {
      case ArrayValue array -> List.of(array.shape());
      case List<?> tuple -> tuple.stream().flatMap(x -> shapes(x).stream()).toList();
      default -> List.of(); // A token has no data.
    };
  }

  static ArrayValue array(List<Object> values, int index) {
    return (ArrayValue) values.get(index);
  }

  static List<ArrayValue> arrays(List<Object> values, int from, int to) {
    List<ArrayValue> out = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      out.add(array(values, i));
    }
    return out;
  }

  /** Returns the elements of a tuple shape, or the shape alone. */
  static List<Shape> elements(Shape shape) {
    return shape instanceof TupleShape(List<Shape> elements) ? elements : List.of(shape);
  }

  /** Returns several results as the tuple, or one result as the array, that a shape asks for. */
  static Object shaped(Shape shape, List<ArrayValue> results) {
    return shape instanceof TupleShape ? List.copyOf(results) : results.getFirst();
  }
}
