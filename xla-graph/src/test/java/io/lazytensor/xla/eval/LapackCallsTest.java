package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The LAPACK routines JAX calls, by hand and by what their factors multiply to. */
class LapackCallsTest {
  private final HloBuilder b = new HloBuilder();

  private List<Literal> call(String target, Shape shape, String config, HloInstruction... in) {
    return Eval.all(
        b.add(new ControlOp.CustomCall(target, shape, config, 4, false, List.of()), in));
  }

  @Test
  void potrfKeepsTheOtherTriangleAndNamesTheColumnThatFailed() {
    HloInstruction a = Eval.constant(b, DType.F32, dims(2, 2, 2), 4, 99, 6, 10, 1, 7, 2, 1);
    Shape shape = Eval.tuple(ArrayShape.of(DType.F32, 2, 2, 2), ArrayShape.of(DType.S32, 2));
    List<Literal> out = call("lapack_spotrf_ffi", shape, "{uplo = 76 : ui8}", a);
    assertArrayEquals(new double[] {2, 99, 3, 1}, Arrays.copyOf(Eval.values(out.get(0)), 4));
    assertArrayEquals(new double[] {0, 2}, Eval.values(out.get(1)));
    HloInstruction upper = Eval.constant(b, DType.F32, dims(2, 2), 4, 6, 99, 10);
    Shape one = Eval.tuple(ArrayShape.of(DType.F32, 2, 2), Eval.scalar(DType.S32));
    assertArrayEquals(
        new double[] {2, 3, 99, 1},
        Eval.values(call("lapack_spotrf_ffi", one, "{uplo = 85 : ui8}", upper).get(0)));
  }

  @Test
  void trsmReadsLettersFromItsConfiguration() {
    HloInstruction a = Eval.constant(b, DType.F64, dims(2, 2), 2, 77, 4, 5);
    HloInstruction y = Eval.constant(b, DType.F64, dims(2, 1), 6, 22);
    Shape shape = ArrayShape.of(DType.F64, 2, 1);
    assertArrayEquals(
        new double[] {3, 2},
        Eval.values(
            call(
                    "lapack_dtrsm_ffi",
                    shape,
                    "{diag = 78 : ui8, side = 76 : ui8, trans_x = 78 : ui8, uplo = 76 : ui8}",
                    a,
                    y)
                .getFirst()),
        1e-15);
    UnsupportedException e =
        assertThrows(UnsupportedException.class, () -> call("lapack_dtrsm_ffi", shape, "{}", a, y));
    Eval.says(e, "trans_x");
  }

  @Test
  void getrfExchangesForTheLargestPivot() {
    HloInstruction a = Eval.constant(b, DType.F64, dims(2, 2), 1, 2, 4, 12);
    Shape shape =
        Eval.tuple(
            ArrayShape.of(DType.F64, 2, 2), ArrayShape.of(DType.S32, 2), Eval.scalar(DType.S32));
    List<Literal> out = call("lapack_dgetrf_ffi", shape, "{}", a);
    assertArrayEquals(new double[] {4, 12, 0.25, -1}, Eval.values(out.get(0)));
    assertArrayEquals(new double[] {2, 2}, Eval.values(out.get(1)));
    assertEquals(0, out.get(2).toDouble(0));
    HloInstruction singular = Eval.constant(b, DType.F64, dims(2, 2), 1, 2, 2, 4);
    assertEquals(2, call("lapack_dgetrf_ffi", shape, "{}", singular).get(2).toDouble(0));
  }

  @Property(tries = 60)
  void factorsMultiplyToTheExchangedMatrix(
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll @IntRange(min = 1, max = 5) int columns,
      @ForAll long seed) {
    double[] a = new Random(seed).doubles((long) rows * columns, -1, 1).toArray();
    int k = Math.min(rows, columns);
    Shape shape =
        Eval.tuple(
            ArrayShape.of(DType.F64, rows, columns),
            ArrayShape.of(DType.S32, k),
            Eval.scalar(DType.S32));
    List<Literal> out =
        call("lapack_dgetrf_ffi", shape, "{}", Eval.constant(b, DType.F64, dims(rows, columns), a));
    double[] lu = Eval.values(out.get(0));
    for (int step = 0; step < k; step++) {
      int other = (int) out.get(1).toDouble(step) - 1;
      for (int c = 0; c < columns; c++) {
        double swap = a[step * columns + c];
        a[step * columns + c] = a[other * columns + c];
        a[other * columns + c] = swap;
      }
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int p = 0; p <= Math.min(Math.min(i, j), k - 1); p++) {
          sum += (p == i ? 1 : lu[i * columns + p]) * lu[p * columns + j];
        }
        assertEquals(a[i * columns + j], sum, 1e-12);
      }
    }
  }
}
