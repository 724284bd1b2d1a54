package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Windows that fold and select, by hand and against {@code reduce}. */
class WindowEvaluationTest {
  private final HloBuilder b = new HloBuilder();

  private static HloComputation combiner(BinaryKind kind, DType type) {
    return HloBuilder.scalarFunction(kind, type);
  }

  private HloInstruction fold(
      BinaryKind kind, double initial, HloInstruction x, WindowDimension... window) {
    DType type = x.arrayShape().dtype();
    return b.add(
        new WindowOp.ReduceWindow(Window.of(window), combiner(kind, type)),
        x,
        b.constant(type, initial));
  }

  @Test
  void windowsFoldWhatLiesUnderThem() {
    HloInstruction x = Eval.constant(b, DType.S32, dims(2, 3), 1, 2, 3, 4, 5, 6);
    WindowDimension two = WindowDimension.of(2, 1);
    assertArrayEquals(new double[] {12, 16}, Eval.values(fold(BinaryKind.ADD, 0, x, two, two)));
    assertArrayEquals(new double[] {112, 116}, Eval.values(fold(BinaryKind.ADD, 100, x, two, two)));
  }

  @Test
  void paddingIsNotZero() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(3), -5, -7, -6);
    assertArrayEquals(
        new double[] {-5, -5, -6, -6},
        Eval.values(
            fold(
                BinaryKind.MAXIMUM,
                Double.NEGATIVE_INFINITY,
                x,
                new WindowDimension(2, 1, 1, 1, 1, 1, false))));
  }

  @Test
  void aWindowOverPaddingOnlyIsTheInitialValue() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(1), 5);
    assertArrayEquals(
        new double[] {1, 1, 5},
        Eval.values(fold(BinaryKind.MULTIPLY, 1, x, new WindowDimension(1, 1, 2, 0, 1, 1, false))));
  }

  @Test
  void dilationsMakeHoles() {
    HloInstruction x = Eval.constant(b, DType.S32, dims(4), 1, 2, 3, 4);
    // 1 . 2 . 3 . 4
    assertArrayEquals(
        new double[] {1, 2, 2, 3, 3, 4},
        Eval.values(fold(BinaryKind.ADD, 0, x, new WindowDimension(2, 1, 0, 0, 2, 1, false))));
    assertArrayEquals(
        new double[] {4, 6},
        Eval.values(fold(BinaryKind.ADD, 0, x, new WindowDimension(2, 1, 0, 0, 1, 2, false))));
    assertArrayEquals(
        new double[] {5},
        Eval.values(fold(BinaryKind.ADD, 0, x, new WindowDimension(2, 1, -1, -1, 1, 1, false))));
  }

  @Test
  void severalArraysFoldTogether() {
    List<Shape> scalars =
        List.of(
            Eval.scalar(DType.F32),
            Eval.scalar(DType.S32),
            Eval.scalar(DType.F32),
            Eval.scalar(DType.S32));
    HloComputation argMax =
        Eval.computation(
            "argmax",
            scalars,
            (f, p) -> {
              HloInstruction stays = f.compare(ComparisonDirection.GE, p.get(0), p.get(2));
              return f.add(
                  new HloOp.Tuple(),
                  f.select(stays, p.get(0), p.get(2)),
                  f.select(stays, p.get(1), p.get(3)));
            });
    HloInstruction both =
        b.add(
            new WindowOp.ReduceWindow(Window.of(WindowDimension.of(2, 2)), argMax),
            Eval.constant(b, DType.F32, dims(4), 3, 8, 5, 5),
            Eval.constant(b, DType.S32, dims(4), 0, 1, 2, 3),
            b.constant(DType.F32, Double.NEGATIVE_INFINITY),
            b.constant(DType.S32, -1));
    List<Literal> out = Eval.all(both);
    assertArrayEquals(new double[] {8, 5}, Eval.values(out.get(0)));
    assertArrayEquals(new double[] {1, 2}, Eval.values(out.get(1)));
  }

  @Property(tries = 50)
  void aWindowAsLargeAsTheArrayIsAReduction(@ForAll long seed) {
    Random r = new Random(seed);
    int[] sizes = {1 + r.nextInt(4), 1 + r.nextInt(5)};
    double[] numbers = r.doubles((long) sizes[0] * sizes[1], -1, 1).toArray();
    HloInstruction x = Eval.constant(b, DType.F32, sizes, numbers);
    HloInstruction window =
        fold(BinaryKind.ADD, 0, x, WindowDimension.of(sizes[0], 1), WindowDimension.of(1, 1));
    HloInstruction reduced =
        b.add(
            new HloOp.Reduce(Dims.of(0), combiner(BinaryKind.ADD, DType.F32)),
            x,
            b.constant(DType.F32, 0));
    assertArrayEquals(Eval.values(reduced), Eval.values(window));
  }

  // ---- select-and-scatter -----------------------------------------------------------------------

  private HloInstruction scatter(
      ComparisonDirection direction, HloInstruction x, double[] source, WindowDimension window) {
    HloComputation select =
        Eval.computation(
            "select",
            List.of(Eval.scalar(DType.F32), Eval.scalar(DType.F32)),
            (f, p) -> f.compare(direction, p.get(0), p.get(1)));
    return b.add(
        new WindowOp.SelectAndScatter(
            Window.of(window), select, combiner(BinaryKind.ADD, DType.F32)),
        x,
        Eval.constant(b, DType.F32, dims(source.length), source),
        b.constant(DType.F32, 0));
  }

  @Test
  void theSelectedElementTakesTheSource() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(4), 1, 9, 3, 4);
    assertArrayEquals(
        new double[] {0, 10, 0, 20},
        Eval.values(
            scatter(ComparisonDirection.GE, x, new double[] {10, 20}, WindowDimension.of(2, 2))));
    // Windows overlap: both choose the 9.
    assertArrayEquals(
        new double[] {0, 30, 0, 40},
        Eval.values(
            scatter(
                ComparisonDirection.GE, x, new double[] {10, 20, 40}, WindowDimension.of(2, 1))));
  }

  @ParameterizedTest
  @EnumSource(names = {"GE", "GT"})
  void ofEqualsTheFirstStaysByGeAndTheLastByGt(ComparisonDirection direction) {
    HloInstruction x = Eval.constant(b, DType.F32, dims(3), 7, 7, 7);
    double[] expected =
        direction == ComparisonDirection.GE ? new double[] {1, 0, 0} : new double[] {0, 0, 1};
    assertArrayEquals(
        expected, Eval.values(scatter(direction, x, new double[] {1}, WindowDimension.of(3, 1))));
  }

  @Test
  void paddingIsNeverSelected() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(2), -1, -2);
    assertArrayEquals(
        new double[] {3, 4},
        Eval.values(
            scatter(
                ComparisonDirection.GE,
                x,
                new double[] {1, 2, 4},
                new WindowDimension(2, 1, 1, 1, 1, 1, false))));
  }

  @Test
  void scatteredValuesCombineInTheOrderCurrentThenSource() {
    HloComputation select =
        Eval.computation(
            "select",
            List.of(Eval.scalar(DType.F32), Eval.scalar(DType.F32)),
            (f, p) -> f.compare(ComparisonDirection.GE, p.get(0), p.get(1)));
    HloInstruction y =
        b.add(
            new WindowOp.SelectAndScatter(
                Window.of(WindowDimension.of(1, 1)),
                select,
                combiner(BinaryKind.SUBTRACT, DType.F32)),
            Eval.constant(b, DType.F32, dims(1), 5),
            Eval.constant(b, DType.F32, dims(1), 3),
            b.constant(DType.F32, 10));
    assertArrayEquals(new double[] {7}, Eval.values(y));
  }

  /** 50001 places of 50000 elements are more than an array of Java's can list. */
  @Test
  void windowTooLargeToListIsRefused() {
    HloInstruction x = b.add(new HloOp.Iota(ArrayShape.of(DType.F32, 100_000), 0));
    HloInstruction wide = fold(BinaryKind.ADD, 0, x, WindowDimension.of(50_000, 1));
    UnsupportedException e = assertThrows(UnsupportedException.class, () -> Eval.values(wide));
    assertTrue(String.valueOf(e.getMessage()).contains("too large for the evaluator"));
    HloInstruction padded =
        fold(
            BinaryKind.ADD,
            0,
            x,
            new WindowDimension(2_000_000_000, 1, 0, 2_000_000_000, 1, 1, false));
    assertThrows(UnsupportedException.class, () -> Eval.values(padded));
  }
}
