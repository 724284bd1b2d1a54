package io.lazytensor.cpu.reference.internal.kernel;

/**
 * Cholesky factors of matrices in {@code double}, rounded once. A matrix that is not positive
 * definite becomes NaN throughout, as XLA's expander gives.
 */
public final class CholeskyLoop implements Kernel {
  private final Location in;
  private final Location out;
  private final boolean lower;
  private final Matrices matrices;
  private final int n;
  private final double[] factor;

  /** Prepares it. Any strides will do. */
  public CholeskyLoop(Location in, Location out, boolean lower) {
    this.in = in;
    this.out = out;
    this.lower = lower;
    this.matrices = new Matrices(in, out);
    this.n = Math.toIntExact(in.sizes()[in.sizes().length - 1]);
    this.factor = new double[Math.multiplyExact(n, n)];
  }

  @Override
  public void run() {
    if (!matrices.reset()) {
      return;
    }
    do {
      boolean definite = factorize();
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          boolean inside = lower ? j <= i : i <= j;
          double value =
              !definite ? Double.NaN : inside ? factor[lower ? i * n + j : j * n + i] : 0;
          matrices.write(1, out, i, j, value);
        }
      }
    } while (matrices.next());
  }

  /** Fills the lower triangle row by row; returns whether all pivots are positive. */
  private boolean factorize() {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = lower ? matrices.read(0, in, i, j) : matrices.read(0, in, j, i);
        for (int k = 0; k < j; k++) {
          sum -= factor[i * n + k] * factor[j * n + k];
        }
        if (i == j && !(sum > 0)) {
          return false;
        }
        factor[i * n + j] = i > j ? sum / factor[j * n + j] : Math.sqrt(sum);
      }
    }
    return true;
  }
}
