package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What sorting promises. */
class OrderEvaluationTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private final HloBuilder b = new HloBuilder();

  /** Compares the first of some arrays. */
  private static HloComputation first(
      ComparisonDirection direction, boolean totalOrder, DType... types) {
    List<Shape> shapes = new ArrayList<>();
    for (DType type : types) {
      shapes.add(Eval.scalar(type));
      shapes.add(Eval.scalar(type));
    }
    return Eval.computation(
        "compare",
        shapes,
        (f, p) -> f.add(new HloOp.Compare(direction, totalOrder), p.get(0), p.get(1)));
  }

  private HloInstruction sort(int dimension, HloComputation comparator, HloInstruction... in) {
    return b.add(new OrderOp.Sort(dimension, comparator, true), in);
  }

  @Test
  void eachDimensionSortsOnItsOwn() {
    HloInstruction x = Eval.constant(b, DType.S32, dims(2, 3), 3, 1, 2, 0, 5, 4);
    HloComputation ascending = first(ComparisonDirection.LT, false, DType.S32);
    assertArrayEquals(new double[] {1, 2, 3, 0, 4, 5}, Eval.values(sort(1, ascending, x)));
    assertArrayEquals(new double[] {0, 1, 2, 3, 5, 4}, Eval.values(sort(0, ascending, x)));
  }

  @Test
  void equalKeysKeepTheirOrderAndTakeTheOthersAlong() {
    HloInstruction keys = Eval.constant(b, DType.F32, dims(6), 2, 1, 2, 1, 2, 1);
    HloInstruction values = Eval.constant(b, DType.S64, dims(6), 0, 1, 2, 3, 4, 5);
    List<Literal> out =
        Eval.all(sort(0, first(ComparisonDirection.GT, false, DType.F32, DType.S64), keys, values));
    assertArrayEquals(new double[] {2, 2, 2, 1, 1, 1}, Eval.values(out.get(0)));
    assertArrayEquals(new double[] {0, 2, 4, 1, 3, 5}, Eval.values(out.get(1)));
  }

  @Test
  void totalOrderPlacesNanAndZeros() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(5), NAN, 0.0, INFINITY, -0.0, -1);
    assertArrayEquals(
        new double[] {-1, -0.0, 0.0, INFINITY, NAN},
        Eval.values(sort(0, first(ComparisonDirection.LT, true, DType.F32), x)));
  }

  @Test
  void unsignedNumbersSortUnsigned() {
    HloInstruction x =
        b.add(
            new HloOp.Constant(
                Literal.ofBytes(
                    ArrayShape.of(DType.U64, 2),
                    new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, 1, 0, 0, 0, 0, 0, 0, 0})));
    Literal out = Eval.all(sort(0, first(ComparisonDirection.LT, false, DType.U64), x)).getFirst();
    assertEquals(1, out.bits(0));
    assertEquals(-1L, out.bits(1));
  }

  @Test
  void aComparatorThatContradictsItselfStillGivesAPermutation() {
    double[] numbers = IntStream.range(0, 100).mapToDouble(i -> i % 3 == 0 ? NAN : i).toArray();
    HloInstruction x = Eval.constant(b, DType.F32, dims(100), numbers);
    double[] out = Eval.values(sort(0, first(ComparisonDirection.LE, false, DType.F32), x));
    Arrays.sort(out);
    Arrays.sort(numbers);
    assertArrayEquals(numbers, out);
  }

  @Property(tries = 100)
  void sortedIsAnOrderedPermutation(@ForAll long seed) {
    Random r = new Random(seed);
    int n = r.nextInt(40);
    double[] numbers = r.ints(n, -9, 10).asDoubleStream().toArray();
    // By absolute value: a comparator that is more than one comparison.
    HloComputation comparator =
        Eval.computation(
            "absolute",
            List.of(Eval.scalar(DType.S32), Eval.scalar(DType.S32)),
            (f, p) ->
                f.compare(
                    ComparisonDirection.LT,
                    f.binary(BinaryKind.MULTIPLY, p.get(0), p.get(0)),
                    f.binary(BinaryKind.MULTIPLY, p.get(1), p.get(1))));
    double[] out = Eval.values(sort(0, comparator, Eval.constant(b, DType.S32, dims(n), numbers)));
    for (int i = 1; i < n; i++) {
      assertTrue(Math.abs(out[i - 1]) <= Math.abs(out[i]));
    }
    Arrays.sort(out);
    Arrays.sort(numbers);
    assertArrayEquals(numbers, out);
  }

  @Test
  void topKIsDescendingWithTheLowerIndexFirst() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(2, 4), 1, 7, 7, 3, -1, -4, -2, -1);
    List<Literal> out = Eval.all(b.add(new OrderOp.TopK(2, true), x));
    assertArrayEquals(new double[] {7, 7, -1, -1}, Eval.values(out.get(0)));
    assertArrayEquals(new double[] {1, 2, 0, 3}, Eval.values(out.get(1)));
    List<Literal> small = Eval.all(b.add(new OrderOp.TopK(3, false), x));
    assertArrayEquals(new double[] {1, 3, 7, -4, -2, -1}, Eval.values(small.get(0)));
    assertArrayEquals(new double[] {0, 3, 1, 1, 2, 0}, Eval.values(small.get(1)));
  }

  @Test
  void topKOrdersFloatsTotally() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(4), INFINITY, -0.0, 0.0, NAN);
    List<Literal> out = Eval.all(b.add(new OrderOp.TopK(4, true), x));
    assertArrayEquals(new double[] {3, 0, 2, 1}, Eval.values(out.get(1)));
  }
}
