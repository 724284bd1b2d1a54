package io.lazytensor.xla.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is easy to get wrong in HLO, each with values computed by hand. */
class HloEvaluatorTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction scalar(DType type, double value) {
    return b.constant(type, value);
  }

  private HloInstruction bits(DType type, long bits) {
    return b.add(new HloOp.Constant(Literal.scalarBits(type, bits)));
  }

  private HloInstruction floats(int[] dims, float... values) {
    return b.add(new HloOp.Constant(Literal.ofFloats(Dims.of(dims), values)));
  }

  private HloInstruction ints(int[] dims, int... values) {
    return b.add(new HloOp.Constant(Literal.ofInts(Dims.of(dims), values)));
  }

  private static double[] values(HloInstruction root) {
    Literal out =
        HloEvaluator.evaluate(HloComputation.of("main", List.of(), root), List.of()).getFirst();
    return IntStream.range(0, (int) out.shape().elementCount())
        .mapToDouble(out::toDouble)
        .toArray();
  }

  private static double value(HloInstruction root) {
    return values(root)[0];
  }

  @ParameterizedTest
  @CsvSource({
    "DIVIDE,S32,7,0,-1",
    "DIVIDE,U8,7,0,255",
    "DIVIDE,S32,-2147483648,-1,-2147483648",
    "DIVIDE,S32,-7,2,-3",
    "REMAINDER,S32,7,0,7",
    "REMAINDER,S32,-7,3,-1",
    "REMAINDER,S32,-2147483648,-1,0",
    "REMAINDER,F32,-7,3,-1",
    "SHIFT_LEFT,S32,1,32,0",
    "SHIFT_LEFT,S32,1,-1,0",
    "SHIFT_RIGHT_LOGICAL,S32,-1,31,1",
    "SHIFT_RIGHT_LOGICAL,S8,-1,4,15",
    "SHIFT_RIGHT_ARITHMETIC,S32,-8,40,-1",
    "SHIFT_RIGHT_ARITHMETIC,U8,128,1,192",
    "ADD,S8,127,1,-128",
    "MULTIPLY,U8,16,16,0",
    "POWER,S32,2,-1,0",
    "POWER,S32,1,-5,1",
    "POWER,S32,3,4,81",
    "ADD,PRED,1,1,1",
    "MULTIPLY,PRED,1,0,0",
    "MAXIMUM,U32,1,4294967295,4294967295"
  })
  void integersWrapAndNeverTrap(BinaryKind kind, DType type, double x, double y, double expected) {
    assertEquals(expected, value(b.binary(kind, scalar(type, x), scalar(type, y))));
  }

  @Test
  void extremesPropagateNaN() {
    HloInstruction nan = scalar(DType.F32, Double.NaN);
    HloInstruction one = scalar(DType.F32, 1);
    assertEquals(Double.NaN, value(b.binary(BinaryKind.MAXIMUM, nan, one)));
    assertEquals(Double.NaN, value(b.binary(BinaryKind.MINIMUM, one, nan)));
    assertEquals(Double.NaN, value(b.add(new HloOp.Clamp(), one, nan, one)));
  }

  @Test
  void powersFollowC() {
    HloInstruction nan = scalar(DType.F32, Double.NaN);
    HloInstruction infinite = scalar(DType.F32, Double.POSITIVE_INFINITY);
    assertEquals(1, value(b.binary(BinaryKind.POWER, scalar(DType.F32, 1), nan)));
    assertEquals(1, value(b.binary(BinaryKind.POWER, nan, scalar(DType.F32, 0))));
    assertEquals(1, value(b.binary(BinaryKind.POWER, scalar(DType.F32, -1), infinite)));
  }

  @ParameterizedTest
  @CsvSource({
    "F32,S32,3.9,3",
    "F32,S32,-3.9,-3",
    "F32,S32,1e20,2147483647",
    "F32,S8,200,127",
    "F32,U8,-5,0",
    "F32,U32,-1,0",
    "F32,S32,NaN,0",
    "F32,PRED,NaN,1",
    "F32,PRED,-0.0,0",
    "S32,S8,300,44",
    "S32,U8,-1,255",
    "U8,S8,255,-1",
    "S8,U32,-1,4294967295",
    "F32,F16,65520,Infinity",
    "F32,BF16,1.00390625,1"
  })
  void conversionsTruncateSaturateAndRound(DType from, DType to, double x, double expected) {
    assertEquals(expected, value(b.add(new HloOp.Convert(to), scalar(from, x))));
  }

  @Test
  void longsRoundOnceOnTheirWayToFloat() {
    long value = (1L << 60) + (1L << 36) + 1;
    double once = (float) value;
    assertEquals(once, value(b.add(new HloOp.Convert(DType.F32), bits(DType.S64, value))));
  }

  @Test
  void totalOrderSeparatesZerosAndNaNs() {
    HloInstruction minus = scalar(DType.F32, -0.0);
    HloInstruction plus = scalar(DType.F32, 0.0);
    HloInstruction nan = scalar(DType.F32, Double.NaN);
    HloInstruction infinite = scalar(DType.F32, Double.POSITIVE_INFINITY);
    HloOp partial = new HloOp.Compare(ComparisonDirection.LT, false);
    HloOp total = new HloOp.Compare(ComparisonDirection.LT, true);
    assertEquals(0, value(b.add(partial, minus, plus)));
    assertEquals(1, value(b.add(total, minus, plus)));
    assertEquals(1, value(b.add(total, infinite, nan)));
    assertEquals(0, value(b.add(partial, infinite, nan)));
    assertEquals(1, value(b.add(new HloOp.Compare(ComparisonDirection.NE, false), nan, nan)));
  }

  @ParameterizedTest
  @CsvSource({
    "ROUND_NEAREST_AFZ,2.5,3",
    "ROUND_NEAREST_AFZ,-2.5,-3",
    "ROUND_NEAREST_AFZ,0.49999997,0",
    "ROUND_NEAREST_EVEN,2.5,2",
    "SIGN,-0.0,-0.0",
    "SIGN,NaN,NaN",
    "LOGISTIC,-100,3.7835058e-44",
    "RSQRT,0,Infinity",
    "CBRT,-8,-2"
  })
  void functionsAtTheirEdges(UnaryKind kind, double x, double expected) {
    assertEquals((float) expected, value(b.unary(kind, scalar(DType.F32, x))));
  }

  @ParameterizedTest
  @CsvSource({
    "0.5,0.5204998778130465",
    "1,0.8427007929497149",
    "3,0.9999779095030014",
    "-2,-0.9953222650189527"
  })
  void errorFunctionIsAccurate(double x, double expected) {
    assertEquals(expected, value(b.unary(UnaryKind.ERF, scalar(DType.F64, x))), 5e-16);
  }

  @Test
  void halfPrecisionRoundsEachOperation() {
    HloInstruction x = scalar(DType.BF16, 256);
    HloInstruction one = scalar(DType.BF16, 1);
    assertEquals(256, value(b.plus(b.plus(x, one), one)), "256 + 1 is no bf16 and rounds to even");
  }

  @Test
  void sumsAreRoundedOnce() {
    float[] values = new float[1001];
    values[0] = 1e8f;
    java.util.Arrays.fill(values, 1, 1001, 1f);
    assertEquals(1.00001e8, value(b.sum(floats(new int[] {1001}, values), Dims.of(0))), 8);
  }

  @Test
  void dynamicSlicesMoveIntoTheArray() {
    HloInstruction x = floats(new int[] {4}, 1, 2, 3, 4);
    HloOp slice = new HloOp.DynamicSlice(Dims.of(2));
    assertArrayEquals(new double[] {3, 4}, values(b.add(slice, x, scalar(DType.S32, 9))));
    assertArrayEquals(new double[] {1, 2}, values(b.add(slice, x, scalar(DType.S32, -3))));
    assertArrayEquals(new double[] {3, 4}, values(b.add(slice, x, bits(DType.U64, -1))));
    HloInstruction update = floats(new int[] {2}, 8, 9);
    assertArrayEquals(
        new double[] {1, 2, 8, 9},
        values(b.add(new HloOp.DynamicUpdateSlice(), x, update, scalar(DType.S32, 3))));
  }

  @Test
  void gathersClampAndScattersSkip() {
    HloInstruction table = floats(new int[] {3, 2}, 1, 2, 3, 4, 5, 6);
    HloInstruction indices = ints(new int[] {3}, 1, 7, -1);
    HloOp gather =
        new HloOp.Gather(
            new GatherDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1),
            Dims.of(1, 2),
            false);
    assertArrayEquals(new double[] {3, 4, 5, 6, 1, 2}, values(b.add(gather, table, indices)));
    HloOp scatter =
        new HloOp.Scatter(
            new ScatterDimensionNumbers(
                Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1),
            HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32),
            false,
            false);
    HloInstruction updates = floats(new int[] {3, 2}, 10, 20, 30, 40, 50, 60);
    assertArrayEquals(
        new double[] {1, 2, 13, 24, 5, 6}, values(b.add(scatter, table, indices, updates)));
  }

  @Test
  void paddingMayLieBetweenAndCrop() {
    HloInstruction x = floats(new int[] {3}, 1, 2, 3);
    PaddingConfig padding = new PaddingConfig(Dims.of(-1), Dims.of(1), Dims.of(1));
    assertArrayEquals(
        new double[] {9, 2, 9, 3, 9},
        values(b.add(new HloOp.Pad(padding), x, scalar(DType.F32, 9))));
  }

  @Test
  void variadicReductionsFindTheFirstGreatest() {
    ArrayShape real = ArrayShape.scalar(DType.F32);
    ArrayShape index = ArrayShape.scalar(DType.S32);
    HloInstruction bestValue = b.add(new HloOp.Parameter(0, real));
    HloInstruction bestIndex = b.add(new HloOp.Parameter(1, index));
    HloInstruction value = b.add(new HloOp.Parameter(2, real));
    HloInstruction at = b.add(new HloOp.Parameter(3, index));
    HloInstruction better = b.compare(ComparisonDirection.GT, value, bestValue);
    HloComputation reducer =
        HloComputation.of(
            "argmax",
            List.of(bestValue, bestIndex, value, at),
            b.add(
                new HloOp.Tuple(),
                b.select(better, value, bestValue),
                b.select(better, at, bestIndex)));
    HloInstruction x = floats(new int[] {4}, 1, 5, 5, 2);
    HloInstruction positions = b.add(new HloOp.Iota(ArrayShape.of(DType.S32, 4), 0));
    HloInstruction both =
        b.add(
            new HloOp.Reduce(Dims.of(0), reducer),
            x,
            positions,
            scalar(DType.F32, Double.NEGATIVE_INFINITY),
            scalar(DType.S32, 0));
    assertEquals(1, value(b.add(new HloOp.GetTupleElement(1), both)));
  }

  @Test
  void productsRunAlongBatches() {
    HloInstruction x = floats(new int[] {2, 1, 2}, 1, 2, 3, 4);
    HloInstruction y = floats(new int[] {2, 2, 1}, 5, 6, 7, 8);
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(2), Dims.of(1), Dims.of(0), Dims.of(0));
    assertArrayEquals(new double[] {17, 53}, values(b.add(new HloOp.Dot(n, DType.F32), x, y)));
  }

  @Test
  void bitsBecomeOtherTypes() {
    assertEquals(
        0x3F80_0000L, value(b.add(new HloOp.BitcastConvert(DType.S32), scalar(DType.F32, 1))));
    assertArrayEquals(
        new double[] {0x5678, 0x1234},
        values(b.add(new HloOp.BitcastConvert(DType.U16), bits(DType.S32, 0x12345678))));
  }

  @Test
  void aLongChainNeedsNoDeepStack() {
    HloInstruction chain = scalar(DType.F64, 0);
    HloInstruction one = scalar(DType.F64, 1);
    for (int i = 0; i < 100_000; i++) {
      chain = b.plus(chain, one);
    }
    assertEquals(100_000, value(chain));
  }

  @Test
  void argumentsAreChecked() {
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 2)));
    HloComputation computation = HloComputation.of("f", List.of(x), b.negative(x));
    ShapeException e =
        assertThrows(
            ShapeException.class,
            () ->
                HloEvaluator.evaluate(computation, List.of(Literal.ofFloats(Dims.of(3), 1, 2, 3))));
    assertEquals("argument 0 of f: expected f32[2], got f32[3]", e.getMessage());
    assertThrows(ShapeException.class, () -> HloEvaluator.evaluate(computation, new ArrayList<>()));
  }
}
