package io.lazytensor.xla.eval;

/**
 * A matrix of complex numbers in row-major order; imaginary parts of real ones are zero.
 *
 * @param re real parts, which operations overwrite
 * @param im imaginary parts, which operations overwrite
 */
record Matrix(int rows, int columns, double[] re, double[] im) {
  /** Copies rows times columns elements of an array. */
  static Matrix of(ArrayValue x, int start, int rows, int columns) {
    Matrix out = zeros(rows, columns);
    for (int i = 0; i < rows * columns; i++) {
      out.re[i] = x.real(start + i);
      out.im[i] = x.isComplex() ? x.imaginary(start + i) : 0;
    }
    return out;
  }

  static Matrix zeros(int rows, int columns) {
    return new Matrix(rows, columns, new double[rows * columns], new double[rows * columns]);
  }

  int at(int row, int column) {
    return row * columns + column;
  }

  void store(ArrayValue out, int start) {
    for (int i = 0; i < re.length; i++) {
      if (out.isComplex()) {
        out.set(start + i, re[i], im[i]);
      } else {
        out.set(start + i, re[i]);
      }
    }
  }

  /** Returns the matrix with rows and columns exchanged. */
  Matrix transposed(boolean conjugated) {
    Matrix out = zeros(columns, rows);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        out.re[out.at(j, i)] = re[at(i, j)];
        out.im[out.at(j, i)] = conjugated ? 0 - im[at(i, j)] : im[at(i, j)];
      }
    }
    return out;
  }
}
