package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.LibraryOp;
import java.util.Arrays;

/** Factors and solves matrices in the last two dimensions, in double, real and complex. */
final class LinearAlgebra {
  private LinearAlgebra() {}

  /** A matrix of complex numbers; imaginary parts of real ones are zero. */
  private record Matrix(int rows, int columns, double[] re, double[] im) {
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

  // ---- Cholesky ---------------------------------------------------------------------------------

  /**
   * Returns the triangular factor of each matrix; NaN throughout if a matrix is not positive
   * definite, as XLA's expander gives.
   */
  static ArrayValue cholesky(boolean lower, ArrayValue x) {
    int n = x.shape().dim(x.shape().rank() - 1);
    ArrayValue out = ArrayValue.zeros(x.shape());
    for (int start = 0; start < x.count(); start += n * n) {
      Matrix a = Matrix.of(x, start, n, n);
      Matrix l = factor(lower ? a : a.transposed(true));
      (lower ? l : l.transposed(true)).store(out, start);
    }
    return out;
  }

  /** Factors by the lower triangle, column after column. */
  private static Matrix factor(Matrix a) {
    int n = a.rows();
    Matrix l = Matrix.zeros(n, n);
    for (int j = 0; j < n; j++) {
      double pivot = a.re[a.at(j, j)];
      for (int k = 0; k < j; k++) {
        double r = l.re[l.at(j, k)];
        double m = l.im[l.at(j, k)];
        pivot -= r * r + m * m;
      }
      if (!(pivot > 0)) {
        Arrays.fill(l.re, Double.NaN);
        Arrays.fill(l.im, Double.NaN);
        return l;
      }
      double diagonal = Math.sqrt(pivot);
      l.re[l.at(j, j)] = diagonal;
      for (int i = j + 1; i < n; i++) {
        double r = a.re[a.at(i, j)];
        double m = a.im[a.at(i, j)];
        for (int k = 0; k < j; k++) {
          int p = l.at(i, k);
          int q = l.at(j, k);
          r -= l.re[p] * l.re[q] + l.im[p] * l.im[q];
          m -= l.im[p] * l.re[q] - l.re[p] * l.im[q];
        }
        l.re[l.at(i, j)] = r / diagonal;
        l.im[l.at(i, j)] = m / diagonal;
      }
    }
    return l;
  }

  // ---- triangular systems -----------------------------------------------------------------------

  static ArrayValue triangularSolve(LibraryOp.TriangularSolve op, ArrayValue a, ArrayValue b) {
    int rank = b.shape().rank();
    int rows = b.shape().dim(rank - 2);
    int columns = b.shape().dim(rank - 1);
    int n = op.leftSide() ? rows : columns;
    ArrayValue out = ArrayValue.zeros(b.shape());
    for (int batch = 0; batch * rows * columns < b.count(); batch++) {
      Matrix matrix = Matrix.of(a, batch * n * n, n, n);
      boolean lower = op.lower();
      Matrix effective =
          switch (op.transposition()) {
            case NO_TRANSPOSE -> matrix;
            case TRANSPOSE -> matrix.transposed(false);
            case ADJOINT -> matrix.transposed(true);
          };
      lower ^= op.transposition() != LibraryOp.Transposition.NO_TRANSPOSE;
      int start = batch * rows * columns;
      Matrix right = Matrix.of(b, start, rows, columns);
      if (op.leftSide()) {
        solve(effective, lower, op.unitDiagonal(), right);
        right.store(out, start);
      } else {
        // x a = b is aᵀ xᵀ = bᵀ.
        Matrix turned = right.transposed(false);
        solve(effective.transposed(false), !lower, op.unitDiagonal(), turned);
        turned.transposed(false).store(out, start);
      }
    }
    return out;
  }

  /** Replaces b by x with {@code a x = b}; the other triangle of a is not read. */
  private static void solve(Matrix a, boolean lower, boolean unitDiagonal, Matrix b) {
    int n = a.rows();
    for (int step = 0; step < n; step++) {
      int i = lower ? step : n - 1 - step;
      int from = lower ? 0 : i + 1;
      int to = lower ? i : n;
      for (int c = 0; c < b.columns(); c++) {
        double r = b.re[b.at(i, c)];
        double m = b.im[b.at(i, c)];
        for (int k = from; k < to; k++) {
          int p = a.at(i, k);
          int q = b.at(k, c);
          r -= a.re[p] * b.re[q] - a.im[p] * b.im[q];
          m -= a.re[p] * b.im[q] + a.im[p] * b.re[q];
        }
        if (!unitDiagonal) {
          divide(b, b.at(i, c), r, m, a.re[a.at(i, i)], a.im[a.at(i, i)]);
        } else {
          b.re[b.at(i, c)] = r;
          b.im[b.at(i, c)] = m;
        }
      }
    }
  }

  /** Stores a quotient; scaled by the larger part of the divisor (Smith, 1962). */
  private static void divide(Matrix to, int at, double r, double m, double c, double d) {
    if (d == 0) {
      to.re[at] = r / c;
      to.im[at] = m / c;
    } else if (Math.abs(c) >= Math.abs(d)) {
      double ratio = d / c;
      double scale = c + d * ratio;
      to.re[at] = (r + m * ratio) / scale;
      to.im[at] = (m - r * ratio) / scale;
    } else {
      double ratio = c / d;
      double scale = c * ratio + d;
      to.re[at] = (r * ratio + m) / scale;
      to.im[at] = (m * ratio - r) / scale;
    }
  }
}
