package io.lazytensor.xla.ir;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The shape of a tuple.
 *
 * @param elements the element shapes in order
 */
public record TupleShape(List<Shape> elements) implements Shape {
  /** Copies the list. */
  public TupleShape {
    elements = List.copyOf(elements);
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
