package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.Transposition;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The LAPACK routines that JAX calls on a CPU where other devices have an operation of their own:
 * Cholesky and LU factors and triangular systems. Flags are LAPACK's letters, as numbers.
 *
 * <p>Source: JAX {@code jaxlib/cpu/lapack_kernels.h}; LAPACK {@code potrf}, {@code getrf}, BLAS
 * {@code trsm}.
 */
final class LapackCalls {
  private LapackCalls() {}

  static Map<String, CustomCalls.Implementation> all() {
    Map<String, CustomCalls.Implementation> out = new HashMap<>();
    for (String type : List.of("s", "d", "c", "z")) {
      out.put("lapack_" + type + "potrf_ffi", (call, x, in, _) -> cholesky(call, x, in));
      out.put("lapack_" + type + "getrf_ffi", (_, x, in, _) -> lu(x, in));
      out.put("lapack_" + type + "trsm_ffi", (call, _, in, _) -> solve(call, in));
    }
    return out;
  }

  /** Returns (the matrix with its factor in one triangle, 0 or the column where it failed). */
  private static List<Object> cholesky(
      ControlOp.CustomCall call, HloInstruction x, List<Object> in) {
    ArrayValue a = Values.array(in, 0);
    List<Shape> shapes = Values.elements(x.shape());
    boolean lower = flag(call, "uplo") == 'L';
    int n = a.shape().dim(a.shape().rank() - 1);
    ArrayValue out = ArrayValue.zeros(a.shape());
    ArrayValue info = ArrayValue.zeros(shapes.get(1).asArray());
    for (int batch = 0; batch < info.count(); batch++) {
      Matrix matrix = Matrix.of(a, batch * n * n, n, n);
      Matrix read = lower ? matrix : matrix.transposed(true);
      Matrix factor = Matrix.zeros(n, n);
      info.set(batch, (long) LinearAlgebra.factor(read, factor));
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          read.re()[read.at(i, j)] = factor.re()[factor.at(i, j)];
          read.im()[read.at(i, j)] = factor.im()[factor.at(i, j)];
        }
      }
      (lower ? read : read.transposed(true)).store(out, batch * n * n);
    }
    return List.of(out, info);
  }

  /** Returns (both factors in one matrix, exchanged rows from 1, 0 or the first zero pivot). */
  private static List<Object> lu(HloInstruction x, List<Object> in) {
    ArrayValue a = Values.array(in, 0);
    List<Shape> shapes = Values.elements(x.shape());
    int rank = a.shape().rank();
    int rows = a.shape().dim(rank - 2);
    int columns = a.shape().dim(rank - 1);
    ArrayValue out = ArrayValue.zeros(a.shape());
    ArrayValue pivots = ArrayValue.zeros(shapes.get(1).asArray());
    ArrayShape infoShape = shapes.get(2).asArray();
    ArrayValue info = ArrayValue.zeros(infoShape);
    int[] exchanged = new int[Math.min(rows, columns)];
    for (int batch = 0; batch < info.count(); batch++) {
      Matrix matrix = Matrix.of(a, batch * rows * columns, rows, columns);
      info.set(batch, (long) LinearAlgebra.luFactor(matrix, exchanged));
      matrix.store(out, batch * rows * columns);
      for (int i = 0; i < exchanged.length; i++) {
        pivots.set(batch * exchanged.length + i, exchanged[i] + 1L);
      }
    }
    return List.of(out, pivots, info);
  }

  private static ArrayValue solve(ControlOp.CustomCall call, List<Object> in) {
    Transposition transposition =
        switch (flag(call, "trans_x")) {
          case 'N' -> Transposition.NO_TRANSPOSE;
          case 'T' -> Transposition.TRANSPOSE;
          case 'C' -> Transposition.ADJOINT;
          default -> throw unknown(call, "trans_x");
        };
    LibraryOp.TriangularSolve op =
        new LibraryOp.TriangularSolve(
            flag(call, "side") == 'L',
            flag(call, "uplo") == 'L',
            flag(call, "diag") == 'U',
            transposition);
    return LinearAlgebra.triangularSolve(op, Values.array(in, 0), Values.array(in, 1));
  }

  private static char flag(ControlOp.CustomCall call, String name) {
    Matcher matcher =
        Pattern.compile("\\b" + name + " = (\\d{1,3})\\b").matcher(call.backendConfig());
    if (!matcher.find()) {
      throw unknown(call, name);
    }
    return (char) Integer.parseInt(matcher.group(1));
  }

  private static UnsupportedException unknown(ControlOp.CustomCall call, String name) {
    return new UnsupportedException(
        "custom-call target \"%s\": its configuration \"%s\" does not say a known %s"
            .formatted(call.target(), call.backendConfig(), name));
  }
}
