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
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Elementwise operations on types of every width. */
class ElementwiseEvaluationTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction constant(Literal literal) {
    return b.add(new HloOp.Constant(literal));
  }

  private HloInstruction scalar(DType type, double value) {
    return b.constant(type, value);
  }

  private HloInstruction codes(DType type) {
    int count = 1 << type.bitWidth();
    return constant(
        Literal.ofBits(ArrayShape.of(type, count), LongStream.range(0, count).toArray()));
  }

  private static Literal literal(HloInstruction root) {
    return HloEvaluator.evaluate(HloComputation.of("main", List.of(), root), List.of()).getFirst();
  }

  private static double value(HloInstruction root) {
    return literal(root).toDouble(0);
  }

  // ---- integers ---------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "ADD,S4,7,1,-8",
    "SUBTRACT,U4,0,1,15",
    "MULTIPLY,S4,5,5,-7",
    "MULTIPLY,U2,3,3,1",
    "DIVIDE,S4,-8,-1,-8",
    "DIVIDE,U4,9,0,15",
    "DIVIDE,S2,1,0,-1",
    "REMAINDER,S4,-7,3,-1",
    "REMAINDER,U4,9,0,9",
    "POWER,S4,3,2,-7",
    "POWER,S4,-1,-1,0",
    "POWER,U4,2,15,0",
    "SHIFT_LEFT,S4,1,3,-8",
    "SHIFT_LEFT,S4,1,4,0",
    "SHIFT_RIGHT_LOGICAL,S4,-1,1,7",
    "SHIFT_RIGHT_LOGICAL,S4,-1,4,0",
    "SHIFT_RIGHT_ARITHMETIC,S4,-8,2,-2",
    "SHIFT_RIGHT_ARITHMETIC,U4,8,1,12",
    "SHIFT_RIGHT_ARITHMETIC,S4,-8,-1,-1",
    "XOR,U2,3,1,2",
    "MAXIMUM,U4,15,1,15",
    "MAXIMUM,S4,-1,1,1",
    "MULHI,S8,-128,-128,64",
    "MULHI,U8,255,255,254",
    "MULHI,S4,-8,7,-4",
    "MULHI,U4,15,15,14",
    "MULHI,S16,-1,1,-1"
  })
  void integersOfLessThanAByteWrap(
      BinaryKind kind, DType type, double x, double y, double expected) {
    assertEquals(expected, value(b.binary(kind, scalar(type, x), scalar(type, y))));
  }

  @ParameterizedTest
  @CsvSource({
    "COUNT_LEADING_ZEROS,S4,1,3",
    "COUNT_LEADING_ZEROS,S4,-1,0",
    "COUNT_LEADING_ZEROS,U2,0,2",
    "COUNT_LEADING_ZEROS,S8,1,7",
    "POPULATION_COUNT,S2,-1,-2",
    "POPULATION_COUNT,U4,15,4",
    "POPULATION_COUNT,S16,-1,16",
    "NOT,U4,5,10",
    "NOT,S4,5,-6",
    "NEGATE,S4,-8,-8",
    "ABS,S4,-8,-8",
    "SIGN,S4,-3,-1"
  })
  void bitsAreCountedInTheTypesWidth(UnaryKind kind, DType type, double x, double expected) {
    assertEquals(expected, value(b.unary(kind, scalar(type, x))));
  }

  @Property
  void upperHalvesOfProductsAreExact(@ForAll long x, @ForAll long y) {
    for (DType type : DType.values()) {
      if (type.isInteger()) {
        long a = Numbers.toLong(type, x);
        long c = Numbers.toLong(type, y);
        BigInteger whole = big(type, a).multiply(big(type, c)).shiftRight(type.bitWidth());
        long got = ScalarMath.binary(BinaryKind.MULHI, type, a, c);
        assertEquals(
            Numbers.toLong(type, whole.longValue()), Numbers.toLong(type, got), type::toString);
      }
    }
  }

  @Property
  void quotientsAndRemaindersBelongTogether(@ForAll long x, @ForAll long y) {
    for (DType type : DType.values()) {
      if (type.isInteger()) {
        long a = Numbers.toLong(type, x);
        long c = Numbers.toLong(type, y);
        long q = Numbers.toLong(type, ScalarMath.binary(BinaryKind.DIVIDE, type, a, c));
        long r = Numbers.toLong(type, ScalarMath.binary(BinaryKind.REMAINDER, type, a, c));
        assertEquals(a, Numbers.toLong(type, q * c + r), type::toString);
      }
    }
  }

  private static BigInteger big(DType type, long value) {
    return type == DType.U64
        ? new BigInteger(Long.toUnsignedString(value))
        : BigInteger.valueOf(value);
  }

  // ---- conversions ------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "F32,S4,100,7",
    "F32,S4,-100,-8",
    "F32,U4,-1,0",
    "F32,U2,9,3",
    "F32,S2,NaN,0",
    "S32,S4,8,-8",
    "S32,U4,-1,15",
    "S4,S32,-1,-1",
    "U4,S32,15,15",
    "S4,U8,-1,255",
    "F8E4M3FN,S4,448,7",
    "F32,F8E4M3FN,449,448",
    "F32,F8E5M2,-1e9,-Infinity",
    "F32,F4E2M1FN,1e9,6",
    "F8E5M2,F8E4M3,57344,Infinity",
    "F8E4M3FN,F8E5M2,448,448",
    "F32,F8E8M0FNU,3,4",
    "S32,F8E4M3FN,17,16",
    "PRED,F8E3M4,1,1",
    "F8E5M2FNUZ,PRED,0.5,1",
    "U64,S4,18446744073709551615,-1"
  })
  void everyTypeConvertsToEveryOther(DType from, DType to, double x, double expected) {
    assertEquals(expected, value(b.convert(scalar(from, x), to)));
  }

  @Test
  void doublesRoundOnceToSmallTypes() {
    // Half way between 1 and the next f8e4m3fn, and a little that f32 would lose.
    double x = 1 + 0x1p-4 + 0x1p-40;
    assertEquals(1.125, value(b.convert(scalar(DType.F64, x), DType.F8E4M3FN)));
    double y = 1 + 0x1p-8 + 0x1p-40;
    assertEquals(1 + 0x1p-7, value(b.convert(scalar(DType.F64, y), DType.BF16)));
  }

  @Test
  void convertedNaNsKeepTheirSignOnly() {
    HloInstruction nan = constant(Literal.scalarBits(DType.F32, 0xFF80_0001L));
    assertEquals(0xFE00, literal(b.convert(nan, DType.F16)).bits(0));
    assertEquals(0xFE, literal(b.convert(nan, DType.F8E5M2)).bits(0));
    assertEquals(0x80, literal(b.convert(nan, DType.F8E4M3FNUZ)).bits(0));
  }

  @Test
  void newNaNsArePositive() {
    HloInstruction zero = scalar(DType.F64, 0);
    assertEquals(0x7FF8_0000_0000_0000L, literal(b.over(zero, zero)).bits(0));
    assertEquals(0x7FC0_0000L, literal(b.unary(UnaryKind.LOG, scalar(DType.F32, -1))).bits(0));
  }

  @Test
  void arithmeticOfSmallTypesRoundsToThem() {
    HloInstruction x = scalar(DType.F8E4M3FN, 16);
    assertEquals(16, value(b.plus(x, scalar(DType.F8E4M3FN, 1))));
    assertEquals(
        Double.POSITIVE_INFINITY,
        value(b.times(scalar(DType.F8E5M2, 57344), scalar(DType.F8E5M2, 2))));
    assertEquals(
        Double.NaN, value(b.times(scalar(DType.F8E4M3FN, 448), scalar(DType.F8E4M3FN, 2))));
  }

  @Test
  void productsOfSmallTypesAreSummedExactly() {
    HloInstruction x = constant(Literal.ofFloats(Dims.of(1, 3), 16, 1, 1));
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of());
    HloInstruction ones = b.spread(scalar(DType.F8E5M2, 1), Dims.of(3, 1));
    HloInstruction dot = b.add(new HloOp.Dot(n, DType.F32), b.convert(x, DType.F8E4M3FN), ones);
    assertEquals(18, value(dot));
    assertEquals(18, value(b.sum(b.convert(x, DType.F8E4M3FN), Dims.of(0, 1))));
  }

  @Test
  void mixedIntegersAreMultipliedInTheResultsType() {
    HloInstruction x = b.spread(scalar(DType.S8, -100), Dims.of(1, 4));
    HloInstruction y = b.spread(scalar(DType.U8, 200), Dims.of(4, 1));
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of());
    assertEquals(-80_000, value(b.add(new HloOp.Dot(n, DType.S32), x, y)));
  }

  @Test
  void manyTruthsAreTrue() {
    HloInstruction x = b.spread(scalar(DType.PRED, 1), Dims.of(1, 256));
    HloInstruction y = b.spread(scalar(DType.PRED, 1), Dims.of(256, 1));
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of());
    assertEquals(1, value(b.add(new HloOp.Dot(n, DType.PRED), x, y)));
  }

  // ---- bits -------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "PRED", "S16", "U16", "F16", "BF16", "S32", "U32", "F32", "S64", "U64", "F64", "C64", "C128"
      })
  void everyBitPatternSurvivesACast(DType type) {
    DType integer = type.bitWidth() == 8 ? DType.U8 : type.bitWidth() == 4 ? DType.U4 : DType.U2;
    HloInstruction all = codes(type);
    HloInstruction bits = b.add(new HloOp.BitcastConvert(integer), all);
    Literal got = literal(bits);
    for (int code = 0; code < 1 << type.bitWidth(); code++) {
      assertEquals(code, got.toLong(code));
    }
    assertEquals(literal(all), literal(b.add(new HloOp.BitcastConvert(type), bits)));
  }

  @Test
  void halvesOfABytesComeLowFirst() {
    HloInstruction x = constant(Literal.scalarBits(DType.U16, 0x1234));
    Literal nibbles = literal(b.add(new HloOp.BitcastConvert(DType.U4), x));
    assertEquals(ArrayShape.of(DType.U4, 4), nibbles.shape());
    assertArrayEquals(
        new long[] {4, 3, 2, 1}, IntStream.range(0, 4).mapToLong(nibbles::toLong).toArray());
    HloInstruction back =
        b.add(new HloOp.BitcastConvert(DType.U16), b.add(new HloOp.BitcastConvert(DType.S4), x));
    assertEquals(0x1234, literal(back).toLong(0));
  }

  @Test
  void complexNumbersAreCastToComplexNumbers() {
    HloInstruction z = constant(Literal.scalarComplex(DType.C128, 1.5, -2));
    HloInstruction narrow = b.add(new HloOp.BitcastConvert(DType.C64), z);
    assertEquals(ArrayShape.of(DType.C64, 2), literal(narrow).shape());
    assertEquals(literal(z), literal(b.add(new HloOp.BitcastConvert(DType.C128), narrow)));
  }

  @Property
  void anyBitsSurviveACastAndBack(@ForAll long bits) {
    HloInstruction x = constant(Literal.scalarBits(DType.U64, bits));
    for (DType type :
        List.of(DType.F64, DType.F32, DType.F16, DType.BF16, DType.F8E5M2, DType.S4, DType.U2)) {
      HloInstruction other = b.add(new HloOp.BitcastConvert(type), x);
      assertEquals(bits, literal(b.add(new HloOp.BitcastConvert(DType.U64), other)).toLong(0));
    }
  }

  @ParameterizedTest
  @CsvSource({
    // What each format has least, then ever greater, as codes.
    "F8E5M2, ff fe fd fc fb 81 80 00 01 7b 7c 7d 7e 7f",
    "F8E4M3FN, ff fe 81 80 00 01 7e 7f",
    "F8E4M3FNUZ, 80 ff fe 81 00 01 7f",
    "F8E5M2FNUZ, 80 ff 81 00 01 7f",
    "F8E4M3B11FNUZ, 80 ff 81 00 01 7f",
    "F8E8M0FNU, 00 01 7f 80 fe ff",
    "F4E2M1FN, f 9 8 0 1 7"
  })
  void totalOrderSortsCodes(DType type, String hex) {
    long[] codes =
        Arrays.stream(hex.split(" ")).mapToLong(word -> Long.parseLong(word, 16)).toArray();
    HloOp less = new HloOp.Compare(ComparisonDirection.LT, true);
    for (int i = 1; i < codes.length; i++) {
      HloInstruction x = constant(Literal.scalarBits(type, codes[i - 1]));
      HloInstruction y = constant(Literal.scalarBits(type, codes[i]));
      assertEquals(1, value(b.add(less, x, y)), type + " " + hex + " at " + i);
      assertEquals(0, value(b.add(less, y, x)), type + " " + hex + " at " + i);
    }
  }

  // ---- reduced precision ------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    // XLA, reduce_precision_test.cc: zeros, ties and overflow for (8, 23), (5, 10), (8, 7), (2, 1).
    "F32, 80000000, 5, 10, 80000000",
    "F32, 3f800000, 8, 0, 3f800000",
    "F32, 3fc00000, 8, 0, 40000000",
    "F32, 3fffffff, 5, 10, 40000000",
    "F32, 3f801000, 5, 10, 3f800000",
    "F32, 3f803000, 5, 10, 3f804000",
    "F32, 477fefff, 5, 10, 477fe000",
    "F32, 477ff000, 5, 10, 7f800000",
    "F32, c77ff000, 5, 10, ff800000",
    "F32, 387fffff, 5, 10, 38800000",
    "F32, 387fc000, 5, 10, 00000000",
    "F32, b87fc000, 5, 10, 80000000",
    "F32, 00000001, 8, 10, 00000000",
    "F32, 00400000, 8, 23, 00400000",
    "F32, 7f800000, 2, 1, 7f800000",
    "F32, 7fc00000, 5, 10, 7fc00000",
    "F32, ffc00001, 5, 10, ffc00001",
    "F32, 7fc00000, 5, 0, 7f800000",
    "F32, 40000000, 1, 23, 7f800000",
    "F16, 0001, 5, 10, 0001",
    "F16, 3c01, 5, 9, 3c00",
    "F16, 3c03, 5, 9, 3c04",
    "F16, 7bff, 5, 9, 7c00",
    "F16, 7bff, 4, 10, 7c00",
    "BF16, 3f81, 8, 6, 3f80",
    "BF16, 3f83, 8, 6, 3f84",
    "F64, 40d5555555555555, 11, 4, 40d5000000000000",
    "F64, 40d5555555555555, 4, 52, 7ff0000000000000"
  })
  void precisionIsReducedByRounding(DType type, String x, int exponent, int mantissa, String y) {
    HloInstruction operand = constant(Literal.scalarBits(type, Long.parseUnsignedLong(x, 16)));
    Literal got = literal(b.add(new HloOp.ReducePrecision(exponent, mantissa), operand));
    int digits = type.bitWidth() / 4;
    assertEquals(y, "%016x".formatted(got.bits(0)).substring(16 - digits));
  }

  @Property
  void reducingToAFormatIsConvertingToIt(@ForAll float x) {
    HloInstruction operand = constant(Literal.ofFloats(Dims.of(1), x));
    double bf16 = value(b.convert(b.convert(operand, DType.BF16), DType.F32));
    boolean subnormal = Math.abs(x) < Float.MIN_NORMAL;
    if (!subnormal) {
      assertEquals(bf16, value(b.add(new HloOp.ReducePrecision(8, 7), operand)));
    }
    assertEquals(x, value(b.add(new HloOp.ReducePrecision(8, 23), operand)));
  }

  // ---- stochastic conversion --------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "1.25, 0, 2",
    "1.25, 1073741823, 2",
    "1.25, 1073741824, 1",
    "-1.25, 1073741823, -2",
    "-1.25, 4294967295, -1",
    "3, 0, 3",
    "NaN, 0, 0",
    "Infinity, 0, 2147483647",
    "-Infinity, 0, -2147483648",
    "1e20, 4294967295, 2147483647"
  })
  void fractionsGreaterThanTheRandomBitsRoundAway(double x, long random, double expected) {
    HloInstruction bits = constant(Literal.scalarBits(DType.U32, random));
    HloInstruction operand = scalar(DType.F32, x);
    assertEquals(expected, value(b.add(new HloOp.StochasticConvert(DType.S32), operand, bits)));
  }

  @Test
  void stochasticConversionToFloatsIsRefused() {
    HloInstruction bits = constant(Literal.scalarBits(DType.U32, 0));
    HloInstruction root =
        b.add(new HloOp.StochasticConvert(DType.BF16), scalar(DType.F32, 1), bits);
    UnsupportedException e = assertThrows(UnsupportedException.class, () -> literal(root));
    assertEquals(
        "stochastic-convert of f32 to bf16 is not supported; results are signed integers",
        e.getMessage());
  }

  @Test
  void sizesAreStatic() {
    HloInstruction x = b.spread(scalar(DType.F32, 0), Dims.of(3, 5));
    assertEquals(5, value(b.add(new HloOp.GetDimensionSize(1), x)));
  }

  // ---- real functions at their edges ------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "ERF, -0.0, -0.0",
    "ERF, 4.9e-324, 4.9e-324",
    "ERF, Infinity, 1",
    "ERF, -7, -1",
    "ERF, NaN, NaN",
    "ATANH, -0.0, -0.0",
    "ATANH, 1, Infinity",
    "ATANH, -1, -Infinity",
    "ATANH, 1.5, NaN",
    "ASINH, -0.0, -0.0",
    "ASINH, -Infinity, -Infinity",
    "ACOSH, 1, 0",
    "ACOSH, 0.5, NaN",
    "ACOSH, -1e300, NaN",
    "ACOSH, Infinity, Infinity",
    "LOGISTIC, -Infinity, 0",
    "LOGISTIC, 1000, 1",
    "EXPONENTIAL_MINUS_ONE, -0.0, -0.0",
    "LOG_PLUS_ONE, -1, -Infinity",
    "TANH, -0.0, -0.0",
    "RSQRT, -0.0, -Infinity",
    "CBRT, -0.0, -0.0",
    "ROUND_NEAREST_AFZ, -0.3, -0.0",
    "ROUND_NEAREST_AFZ, Infinity, Infinity"
  })
  void realFunctionsAtTheirEdges(UnaryKind kind, double x, double expected) {
    assertEquals(expected, value(b.unary(kind, scalar(DType.F64, x))));
  }
}
