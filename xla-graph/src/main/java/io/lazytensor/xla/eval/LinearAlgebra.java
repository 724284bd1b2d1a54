package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.LibraryOp;
import java.util.Arrays;

/** Factors and solves matrices in the last two dimensions, in double, real and complex. */
final class LinearAlgebra {
  private LinearAlgebra() {}

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
      Matrix l = Matrix.zeros(n, n);
      if (factor(lower ? a : a.transposed(true), l) != 0) {
        Arrays.fill(l.re(), Double.NaN);
        Arrays.fill(l.im(), Double.NaN);
      }
      (lower ? l : l.transposed(true)).store(out, start);
    }
    return out;
  }

  /**
   * Factors by the lower triangle, column after column.
   *
   * @param l becomes the lower triangular factor
   * @return 0, or the number from 1 of the first column at which a is not positive definite
   */
  static int factor(Matrix a, Matrix l) {
    int n = a.rows();
    for (int j = 0; j < n; j++) {
      double pivot = a.re()[a.at(j, j)];
      for (int k = 0; k < j; k++) {
        double r = l.re()[l.at(j, k)];
        double m = l.im()[l.at(j, k)];
        pivot -= r * r + m * m;
      }
      if (!(pivot > 0)) {
        return j + 1;
      }
      double diagonal = Math.sqrt(pivot);
      l.re()[l.at(j, j)] = diagonal;
      for (int i = j + 1; i < n; i++) {
        double r = a.re()[a.at(i, j)];
        double m = a.im()[a.at(i, j)];
        for (int k = 0; k < j; k++) {
          int p = l.at(i, k);
          int q = l.at(j, k);
          r -= l.re()[p] * l.re()[q] + l.im()[p] * l.im()[q];
          m -= l.im()[p] * l.re()[q] - l.re()[p] * l.im()[q];
        }
        l.re()[l.at(i, j)] = r / diagonal;
        l.im()[l.at(i, j)] = m / diagonal;
      }
    }
    return 0;
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
        double r = b.re()[b.at(i, c)];
        double m = b.im()[b.at(i, c)];
        for (int k = from; k < to; k++) {
          int p = a.at(i, k);
          int q = b.at(k, c);
          r -= a.re()[p] * b.re()[q] - a.im()[p] * b.im()[q];
          m -= a.re()[p] * b.im()[q] + a.im()[p] * b.re()[q];
        }
        if (!unitDiagonal) {
          divide(b, b.at(i, c), r, m, a.re()[a.at(i, i)], a.im()[a.at(i, i)]);
        } else {
          b.re()[b.at(i, c)] = r;
          b.im()[b.at(i, c)] = m;
        }
      }
    }
  }

  /** Stores a quotient; scaled by the larger part of the divisor (Smith, 1962). */
  private static void divide(Matrix to, int at, double r, double m, double c, double d) {
    if (d == 0) {
      to.re()[at] = r / c;
      to.im()[at] = m / c;
    } else if (Math.abs(c) >= Math.abs(d)) {
      double ratio = d / c;
      double scale = c + d * ratio;
      to.re()[at] = (r + m * ratio) / scale;
      to.im()[at] = (m - r * ratio) / scale;
    } else {
      double ratio = c / d;
      double scale = c * ratio + d;
      to.re()[at] = (r * ratio + m) / scale;
      to.im()[at] = (m * ratio - r) / scale;
    }
  }

  // ---- general factors --------------------------------------------------------------------------

  /**
   * Replaces a by its factors L, whose diagonal of ones is left out, and U, with rows exchanged.
   *
   * @param pivots becomes for each step the row, from 0, that was exchanged with it
   * @return 0, or the number from 1 of the first zero on U's diagonal
   */
  static int luFactor(Matrix a, int[] pivots) {
    int info = 0;
    for (int j = 0; j < pivots.length; j++) {
      int best = j;
      for (int i = j + 1; i < a.rows(); i++) {
        best = size(a, i, j) > size(a, best, j) ? i : best;
      }
      pivots[j] = best;
      if (size(a, best, j) == 0) {
        info = info == 0 ? j + 1 : info;
        continue;
      }
      exchangeRows(a, j, best);
      for (int i = j + 1; i < a.rows(); i++) {
        int p = a.at(i, j);
        divide(a, p, a.re()[p], a.im()[p], a.re()[a.at(j, j)], a.im()[a.at(j, j)]);
        for (int c = j + 1; c < a.columns(); c++) {
          int q = a.at(j, c);
          int to = a.at(i, c);
          a.re()[to] -= a.re()[p] * a.re()[q] - a.im()[p] * a.im()[q];
          a.im()[to] -= a.re()[p] * a.im()[q] + a.im()[p] * a.re()[q];
        }
      }
    }
    return info;
  }

  // LAPACK's measure of complex pivots.
  private static double size(Matrix a, int row, int column) {
    return Math.abs(a.re()[a.at(row, column)]) + Math.abs(a.im()[a.at(row, column)]);
  }

  private static void exchangeRows(Matrix a, int i, int j) {
    for (int c = 0; c < a.columns(); c++) {
      int p = a.at(i, c);
      int q = a.at(j, c);
      double r = a.re()[p];
      double m = a.im()[p];
      a.re()[p] = a.re()[q];
      a.im()[p] = a.im()[q];
      a.re()[q] = r;
      a.im()[q] = m;
    }
  }
}
