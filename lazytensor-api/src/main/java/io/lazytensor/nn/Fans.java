package io.lazytensor.nn;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ShapeException;

/**
 * How many inputs and outputs a unit has: of a weight {@code [out, in, kernel…]}.
 *
 * @param in inputs
 * @param out outputs
 */
record Fans(double in, double out) {
  static Fans of(ArrayShape shape, String name) {
    if (shape.rank() < 2) {
      throw new ShapeException(
          "%s is %s: this initializer takes weights of at least two dimensions"
              .formatted(name, shape));
    }
    double kernel = 1;
    for (int d = 2; d < shape.rank(); d++) {
      kernel *= shape.dim(d);
    }
    return new Fans(Math.max(1, shape.dim(1) * kernel), Math.max(1, shape.dim(0) * kernel));
  }

  double of(FanMode mode) {
    return switch (mode) {
      case IN -> in;
      case OUT -> out;
    };
  }
}
