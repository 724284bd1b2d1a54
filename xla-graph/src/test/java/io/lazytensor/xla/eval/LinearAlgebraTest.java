package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.Transposition;
import io.lazytensor.xla.ir.Literal;
import java.util.Random;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Factors and solutions by hand and by what they are for. */
class LinearAlgebraTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction complex(int[] dims, double... parts) {
    return b.add(new HloOp.Constant(Eval.complex(dims, parts)));
  }

  private double[] cholesky(boolean lower, HloInstruction a) {
    return Eval.values(b.add(new LibraryOp.Cholesky(lower), a));
  }

  @Test
  void onlyItsTriangleIsReadAndTheOtherIsZero() {
    HloInstruction lower = Eval.constant(b, DType.F64, dims(1, 2, 2), 4, 99, 6, 10);
    assertArrayEquals(new double[] {2, 0, 3, 1}, cholesky(true, lower));
    HloInstruction upper = Eval.constant(b, DType.F64, dims(2, 2), 4, 6, 99, 10);
    assertArrayEquals(new double[] {2, 3, 0, 1}, cholesky(false, upper));
  }

  @Test
  void whatIsNotPositiveDefiniteIsNan() {
    HloInstruction both = Eval.constant(b, DType.F32, dims(2, 2, 2), 1, 2, 2, 1, 4, 0, 0, 9);
    assertArrayEquals(
        new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN, 2, 0, 0, 3},
        cholesky(true, both));
  }

  @Property(tries = 60)
  void aFactorTimesItsAdjointIsTheMatrix(@ForAll long seed) {
    Random r = new Random(seed);
    int n = 1 + r.nextInt(5);
    boolean lower = r.nextBoolean();
    double[] m = r.doubles(2L * n * n, -1, 1).toArray();
    // m mᴴ + I is Hermitian and positive definite.
    double[] a = product(m, adjoint(m, n), n, n, n);
    for (int i = 0; i < n; i++) {
      a[2 * (i * n + i)]++;
    }
    double[] l =
        Eval.parts(
            Eval.all(b.add(new LibraryOp.Cholesky(lower), complex(dims(n, n), a))).getFirst());
    double[] back = lower ? product(l, adjoint(l, n), n, n, n) : product(adjoint(l, n), l, n, n, n);
    assertArrayEquals(a, back, 1e-10);
    for (int i = 0; i < n; i++) {
      assertTrue(l[2 * (i * n + i)] > 0);
      assertEquals(0, l[2 * (i * n + i) + 1]);
    }
  }

  @Test
  void aSmallSystemByHand() {
    HloInstruction a = Eval.constant(b, DType.F64, dims(2, 2), 2, 77, 4, 5);
    HloInstruction y = Eval.constant(b, DType.F64, dims(2, 1), 6, 22);
    // 2 x0 = 6; 4 x0 + 5 x1 = 22.
    assertArrayEquals(
        new double[] {3, 2},
        Eval.values(
            b.add(
                new LibraryOp.TriangularSolve(true, true, false, Transposition.NO_TRANSPOSE),
                a,
                y)),
        1e-15);
    // Ones on the diagonal, transposed: x1 = 22; x0 + 4 x1 = 6.
    assertArrayEquals(
        new double[] {-82, 22},
        Eval.values(
            b.add(new LibraryOp.TriangularSolve(true, true, true, Transposition.TRANSPOSE), a, y)),
        1e-12);
  }

  @Property(tries = 200)
  void solutionsSolve(
      @ForAll boolean left,
      @ForAll boolean lower,
      @ForAll boolean unit,
      @ForAll Transposition transposition,
      @ForAll long seed) {
    Random r = new Random(seed);
    int n = 1 + r.nextInt(4);
    int k = 1 + r.nextInt(3);
    int rows = left ? n : k;
    int columns = left ? k : n;
    double[] a = r.doubles(2L * n * n, 0.5, 2).toArray();
    double[] y = r.doubles(2L * n * k, -1, 1).toArray();
    Literal x =
        Eval.all(
                b.add(
                    new LibraryOp.TriangularSolve(left, lower, unit, transposition),
                    complex(dims(1, n, n), a),
                    complex(dims(1, rows, columns), y)))
            .getFirst();
    double[] clean = a.clone();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (lower ? j > i : j < i) {
          clean[2 * (i * n + j)] = 0;
          clean[2 * (i * n + j) + 1] = 0;
        } else if (unit && i == j) {
          clean[2 * (i * n + j)] = 1;
          clean[2 * (i * n + j) + 1] = 0;
        }
      }
    }
    double[] op =
        switch (transposition) {
          case NO_TRANSPOSE -> clean;
          case TRANSPOSE -> conjugate(adjoint(clean, n));
          case ADJOINT -> adjoint(clean, n);
        };
    double[] back =
        left ? product(op, Eval.parts(x), n, n, k) : product(Eval.parts(x), op, k, n, n);
    double size = DoubleStream.of(Eval.parts(x)).map(Math::abs).max().orElse(0);
    assertArrayEquals(y, back, 1e-12 * (1 + size));
  }

  private static double[] adjoint(double[] a, int n) {
    double[] out = new double[a.length];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        out[2 * (j * n + i)] = a[2 * (i * n + j)];
        out[2 * (j * n + i) + 1] = -a[2 * (i * n + j) + 1];
      }
    }
    return out;
  }

  private static double[] conjugate(double[] a) {
    double[] out = a.clone();
    for (int i = 1; i < out.length; i += 2) {
      out[i] = -out[i];
    }
    return out;
  }

  /** Multiplies complex matrices [p, q] and [q, r]. */
  private static double[] product(double[] x, double[] y, int p, int q, int r) {
    double[] out = new double[2 * p * r];
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < r; j++) {
        for (int k = 0; k < q; k++) {
          int s = 2 * (i * q + k);
          int t = 2 * (k * r + j);
          out[2 * (i * r + j)] += x[s] * y[t] - x[s + 1] * y[t + 1];
          out[2 * (i * r + j) + 1] += x[s] * y[t + 1] + x[s + 1] * y[t];
        }
      }
    }
    return out;
  }
}
