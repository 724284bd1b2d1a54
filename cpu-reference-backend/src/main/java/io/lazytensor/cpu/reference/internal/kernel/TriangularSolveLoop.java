package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.LibraryOp.Transposition;
import io.lazytensor.xla.ir.LibraryOp.TriangularSolve;

/** Triangular systems by substitution in {@code double}, rounded once. */
public final class TriangularSolveLoop implements Kernel {
  private final Location a;
  private final Location b;
  private final Location out;
  private final TriangularSolve op;
  private final Matrices matrices;
  private final int n;
  private final int columns;
  private final boolean swapped;
  private final boolean forward;
  private final double[][] x;

  /** Prepares it: a [n, n], b and out [n, m], or [m, n] with a on the right. */
  public TriangularSolveLoop(Location a, Location b, Location out, TriangularSolve op) {
    this.a = a;
    this.b = b;
    this.out = out;
    this.op = op;
    this.matrices = new Matrices(a, b, out);
    int rank = b.sizes().length;
    this.n = Math.toIntExact(b.sizes()[op.leftSide() ? rank - 2 : rank - 1]);
    this.columns = Math.toIntExact(b.sizes()[op.leftSide() ? rank - 1 : rank - 2]);
    boolean transposed = op.transposition() != Transposition.NO_TRANSPOSE;
    // x op(a) = b is op(a)' x' = b'.
    this.swapped = transposed == op.leftSide();
    this.forward = op.lower() != swapped;
    this.x = new double[n][columns];
  }

  @Override
  public void run() {
    if (!matrices.reset()) {
      return;
    }
    do {
      for (int step = 0; step < n; step++) {
        solveRow(forward ? step : n - 1 - step);
      }
    } while (matrices.next());
  }

  private void solveRow(int i) {
    double[] row = x[i];
    for (int c = 0; c < columns; c++) {
      row[c] = op.leftSide() ? matrices.read(1, b, i, c) : matrices.read(1, b, c, i);
    }
    for (int j = forward ? 0 : i + 1; j < (forward ? i : n); j++) {
      double factor = element(i, j);
      double[] known = x[j];
      for (int c = 0; c < columns; c++) {
        row[c] -= factor * known[c];
      }
    }
    double pivot = op.unitDiagonal() ? 1 : element(i, i);
    for (int c = 0; c < columns; c++) {
      row[c] /= pivot;
      if (op.leftSide()) {
        matrices.write(2, out, i, c, row[c]);
      } else {
        matrices.write(2, out, c, i, row[c]);
      }
    }
  }

  private double element(int i, int j) {
    return swapped ? matrices.read(0, a, j, i) : matrices.read(0, a, i, j);
  }
}
