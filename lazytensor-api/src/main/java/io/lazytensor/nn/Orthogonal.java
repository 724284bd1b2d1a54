package io.lazytensor.nn;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ShapeException;

/** Random matrices with orthonormal rows or columns, by the method of Gram and Schmidt. */
final class Orthogonal {
  private Orthogonal() {}

  /** Returns the elements of a matrix in row-major order. */
  static double[] matrix(ArrayShape shape, InitialNumbers numbers, String name) {
    if (shape.rank() < 2) {
      throw new ShapeException(
          "orthogonal initializes at least two dimensions, %s is %s".formatted(name, shape));
    }
    int rows = shape.dim(0);
    int columns = rows == 0 ? 0 : Math.toIntExact(shape.elementCount() / rows);
    boolean wide = rows <= columns;
    double[][] vectors = new double[Math.min(rows, columns)][Math.max(rows, columns)];
    for (int i = 0; i < vectors.length; i++) {
      for (int k = 0; k < vectors[i].length; k++) {
        vectors[i][k] = numbers.normal();
      }
      orthonormalize(vectors, i);
    }
    double[] out = new double[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        out[r * columns + c] = wide ? vectors[r][c] : vectors[c][r];
      }
    }
    return out;
  }

  private static void orthonormalize(double[][] vectors, int at) {
    double[] v = vectors[at];
    // Twice is enough: what rounding left behind is gone (Giraud et al., 2005).
    for (int pass = 0; pass < 2; pass++) {
      for (int i = 0; i < at; i++) {
        double along = dot(v, vectors[i]);
        for (int k = 0; k < v.length; k++) {
          v[k] -= along * vectors[i][k];
        }
      }
    }
    double length = Math.sqrt(dot(v, v));
    for (int k = 0; k < v.length; k++) {
      v[k] /= length;
    }
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += x[k] * y[k];
    }
    return sum;
  }
}
