package io.lazytensor.autograd;

import static io.lazytensor.autograd.GradientCheck.check;
import static io.lazytensor.autograd.GradientCheck.random;
import static io.lazytensor.autograd.GradientCheck.refusal;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexGradientsTest {
  private static Literal start(int value) {
    return Literal.ofInts(Dims.of(), value);
  }

  @ParameterizedTest
  @ValueSource(ints = {-3, 0, 1, 2, 9})
  void dynamicSliceGradientGoesWhereTheSliceWasRead(int at) {
    check(
        (b, x) -> b.add(new HloOp.DynamicSlice(Dims.of(2, 3)), x),
        random(new Random(1), Dims.of(4, 3)),
        start(at),
        start(at));
  }

  @ParameterizedTest
  @ValueSource(ints = {-3, 0, 1, 2, 9})
  void dynamicUpdateSliceSplitsTheGradient(int at) {
    check(
        (b, x) -> b.add(new HloOp.DynamicUpdateSlice(), x),
        random(new Random(2), Dims.of(4, 3)),
        random(new Random(3), Dims.of(2, 2)),
        start(at),
        start(1));
  }

  /** Indices of which some lie outside of 0 to {@code size - 1}, some repeat. */
  private static Literal indices(Random random, Dims dims, int size) {
    return Literal.ofInts(dims, random.ints((int) dims.product(), -2, size + 2).toArray());
  }

  @Property(tries = 30, seed = "4")
  void gatherGradientIsScatteredAlsoForMovedRows(
      @ForAll long seed, @ForAll @IntRange(max = 5) int count) {
    Random random = new Random(seed);
    GatherDimensionNumbers rows =
        new GatherDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1);
    check(
        (b, x) -> b.add(new HloOp.Gather(rows, Dims.of(1, 3), false), x),
        random(random, Dims.of(4, 3)),
        indices(random, Dims.of(count), 4));
  }

  @Property(tries = 30, seed = "5")
  void gatherGradientOfWindowsAtSeveralCoordinates(@ForAll long seed) {
    Random random = new Random(seed);
    // The result is [window 0, index 0, window 2, index 1] of an operand [4, 3, 3].
    GatherDimensionNumbers n =
        new GatherDimensionNumbers(
            Dims.of(0, 2), Dims.of(1), Dims.of(), Dims.of(), Dims.of(2, 0, 1), 1);
    check(
        (b, x) -> b.add(new HloOp.Gather(n, Dims.of(2, 1, 2), false), x),
        random(random, Dims.of(4, 3, 3)),
        indices(random, Dims.of(2, 3, 2), 3));
  }

  @Property(tries = 20, seed = "6")
  void gatherGradientWithBatchingDimensions(@ForAll long seed) {
    Random random = new Random(seed);
    GatherDimensionNumbers n =
        new GatherDimensionNumbers(Dims.of(2), Dims.of(1), Dims.of(0), Dims.of(0), Dims.of(1), 2);
    check(
        (b, x) -> b.add(new HloOp.Gather(n, Dims.of(1, 1, 2), false), x),
        random(random, Dims.of(3, 4, 2)),
        indices(random, Dims.of(3, 2), 4));
  }

  private static HloOp.Scatter scatter(ScatterDimensionNumbers numbers, BinaryKind kind) {
    return new HloOp.Scatter(numbers, HloBuilder.scalarFunction(kind, DType.F64), false, false);
  }

  private static final ScatterDimensionNumbers ROWS =
      new ScatterDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1);

  @Property(tries = 30, seed = "7")
  void scatterGradientsSkipRowsThatDidNotFit(
      @ForAll long seed, @ForAll @IntRange(max = 5) int count) {
    Random random = new Random(seed);
    check(
        (b, x) -> b.add(scatter(ROWS, BinaryKind.ADD), x),
        random(random, Dims.of(4, 3)),
        indices(random, Dims.of(count), 4),
        random(random, Dims.of(count, 3)));
  }

  @Property(tries = 30, seed = "8")
  void scatterGradientsOfWindowsAtSeveralCoordinates(@ForAll long seed) {
    Random random = new Random(seed);
    ScatterDimensionNumbers n =
        new ScatterDimensionNumbers(
            Dims.of(0, 2), Dims.of(1), Dims.of(), Dims.of(), Dims.of(2, 0, 1), 1);
    check(
        (b, x) -> b.add(scatter(n, BinaryKind.ADD), x),
        random(random, Dims.of(4, 3, 3)),
        indices(random, Dims.of(2, 3, 2), 3),
        random(random, Dims.of(2, 2, 2, 2)));
  }

  @Property(tries = 20, seed = "9")
  void scatterGradientsWithBatchingDimensions(@ForAll long seed) {
    Random random = new Random(seed);
    ScatterDimensionNumbers n =
        new ScatterDimensionNumbers(Dims.of(2), Dims.of(1), Dims.of(0), Dims.of(0), Dims.of(1), 2);
    check(
        (b, x) -> b.add(scatter(n, BinaryKind.ADD), x),
        random(random, Dims.of(3, 4, 2)),
        indices(random, Dims.of(3, 2), 4),
        random(random, Dims.of(3, 2, 2)));
  }

  @Test
  void scattersThatDoNotAddAreRefused() {
    String message =
        refusal(() ->
            check(
                (b, x) -> b.add(scatter(ROWS, BinaryKind.MULTIPLY), x),
                random(new Random(1), Dims.of(4, 3)),
                Literal.ofInts(Dims.of(1), 2),
                random(new Random(2), Dims.of(1, 3))));
    assertTrue(message.startsWith("scatter f64[4,3]"), message);
  }

  @Test
  void sortedIndicesStaySortedOnlyInOneCoordinate() {
    // (-1, 2) < (0, 1) become (0, 2) > (0, 1) once they are moved inside.
    GatherDimensionNumbers n =
        new GatherDimensionNumbers(
            Dims.of(), Dims.of(0, 1), Dims.of(), Dims.of(), Dims.of(0, 1), 1);
    check(
        (b, x) -> b.add(new HloOp.Gather(n, Dims.of(1, 1), true), x),
        random(new Random(3), Dims.of(3, 3)),
        Literal.ofInts(Dims.of(2, 2), -1, 2, 0, 1));
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Constant(random(new Random(3), Dims.of(3, 3))));
    HloInstruction indices = b.add(new HloOp.Constant(Literal.ofInts(Dims.of(1, 2), 0, 1)));
    HloInstruction read = b.add(new HloOp.Gather(n, Dims.of(1, 1), true), x, indices);
    HloInstruction gradient =
        ReverseMode.gradients(b, b.sum(read, Dims.of(0)), List.of(x)).getFirst();
    HloOp.Scatter scatter =
        assertInstanceOf(HloOp.Scatter.class, Objects.requireNonNull(gradient).op());
    assertFalse(scatter.indicesAreSorted());
  }
}
