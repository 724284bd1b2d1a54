package io.lazytensor.xla.ir;

import java.util.List;

/**
 * A window that moves over an array.
 *
 * @param dimensions one for each dimension it moves along
 */
public record Window(List<WindowDimension> dimensions) {
  /** Copies the list. */
  public Window {
    dimensions = List.copyOf(dimensions);
  }

  /** Makes a window. */
  public static Window of(WindowDimension... dimensions) {
    return new Window(List.of(dimensions));
  }

  /** Returns the number of dimensions. */
  public int rank() {
    return dimensions.size();
  }

  /** Returns one dimension. */
  public WindowDimension get(int index) {
    return dimensions.get(index);
  }
}
