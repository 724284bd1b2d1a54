package io.lazytensor.xla.eval;

import io.lazytensor.xla.infer.ShapeInference;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.Transposition;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.Arrays;
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
      out.put("lapack_" + type + "getrf_ffi", (call, x, in, _) -> lu(call, x, in));
      out.put("lapack_" + type + "trsm_ffi", (call, x, in, _) -> solve(call, x, in));
    }
    return out;
  }

  /** Returns (the matrix with its factor in one triangle, 0 or the column where it failed). */
  private static List<Object> cholesky(
      ControlOp.CustomCall call, HloInstruction x, List<Object> in) {
    CustomCalls.require(
        isFactored(x, 2) && isSquare(x), call, x, "x[…, n, n] to (x[…, n, n], integers[…])");
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
  private static List<Object> lu(ControlOp.CustomCall call, HloInstruction x, List<Object> in) {
    CustomCalls.require(
        isFactored(x, 3),
        call,
        x,
        "x[…, m, n] to (x[…, m, n], integers[…, min(m, n)], integers[…])");
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

  private static List<ArrayShape> operands(HloInstruction x) {
    return CustomCalls.arrays(x.operands().stream().map(HloInstruction::shape).toList());
  }

  /** Returns whether a call takes matrices and gives as many, with numbers for each of them. */
  private static boolean isFactored(HloInstruction x, int results) {
    List<ArrayShape> in = operands(x);
    List<ArrayShape> out = CustomCalls.arrays(Values.elements(x.shape()));
    if (in.size() != 1 || in.getFirst().rank() < 2 || out.size() != results) {
      return false;
    }
    ArrayShape a = in.getFirst();
    int[] batch = Arrays.copyOf(a.dims().toArray(), a.rank() - 2);
    int[] pivots = Arrays.copyOf(batch, a.rank() - 1);
    pivots[a.rank() - 2] = Math.min(a.dim(a.rank() - 2), a.dim(a.rank() - 1));
    return out.getFirst().equals(a)
        && out.getLast().dims().contentEquals(batch)
        && (results == 2 || out.get(1).dims().contentEquals(pivots))
        && out.stream().skip(1).allMatch(shape -> shape.dtype().isInteger());
  }

  private static boolean isSquare(HloInstruction x) {
    ArrayShape a = x.operand(0).arrayShape();
    return a.dim(a.rank() - 2) == a.dim(a.rank() - 1);
  }

  private static ArrayValue solve(ControlOp.CustomCall call, HloInstruction x, List<Object> in) {
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
    List<Shape> shapes = x.operands().stream().map(HloInstruction::shape).toList();
    CustomCalls.require(
        x.shape().equals(ShapeInference.infer(op, shapes)), call, x, "a and b to one like b");
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
