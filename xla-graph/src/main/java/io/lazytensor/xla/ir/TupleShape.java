package io.lazytensor.xla.ir;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The shape of a tuple.
 *
 * @param elements the element shapes in order
 */
public record TupleShape(List<Shape> elements) implements Shape {
  private static final int MAX_DEPTH = 256;
  private static final long MAX_SHAPES = 1 << 20;

  /** Copies the list and checks that everything that walks the shape comes to an end. */
  public TupleShape {
    elements = List.copyOf(elements);
    if (count(elements, 1) > MAX_SHAPES) {
      throw new ShapeException(
          "a tuple of more than " + MAX_SHAPES + " shapes, counted through all its elements");
    }
  }

  private static long count(List<Shape> elements, int depth) {
    if (depth > MAX_DEPTH) {
      throw new ShapeException("tuples within tuples end after " + MAX_DEPTH + " levels");
    }
    long sum = elements.size();
    for (Shape element : elements) {
      if (element instanceof TupleShape(List<Shape> inner)) {
        sum += count(inner, depth + 1);
      }
      if (sum > MAX_SHAPES) {
        break;
      }
    }
    return sum;
  }

  @Override
  public long byteSize() {
    long sum = 0;
    for (Shape element : elements) {
      sum += element.byteSize();
    }
    return sum;
  }

  @Override
  public String toString() {
    return elements.stream().map(Shape::toString).collect(Collectors.joining(", ", "(", ")"));
  }
}
