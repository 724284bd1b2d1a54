package io.lazytensor.autograd;

import static io.lazytensor.autograd.GradientCheck.array;
import static io.lazytensor.autograd.GradientCheck.check;
import static io.lazytensor.autograd.GradientCheck.gradients;
import static io.lazytensor.autograd.GradientCheck.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnaryKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementwiseGradientsTest {
  private static final Literal ANYWHERE = vector(-2.7, -1.2, -0.3, 0.2, 0.9, 1.3, 3.6);
  private static final Literal POSITIVE = vector(0.05, 0.4, 1, 1.7, 3, 25);

  /** Returns points inside the domain and away from kinks. */
  private static Literal points(UnaryKind kind) {
    return switch (kind) {
      case LOG, RSQRT, SQRT -> POSITIVE;
      case LOG_PLUS_ONE -> vector(-0.8, -0.1, 1e-9, 0.3, 4);
      case ACOSH -> vector(1.1, 1.7, 3, 25);
      case ACOS, ASIN, ATANH -> vector(-0.9, -0.3, 1e-9, 0.2, 0.8);
      case ABS,
          ASINH,
          CBRT,
          CEIL,
          COPY,
          COSH,
          COSINE,
          COUNT_LEADING_ZEROS,
          ERF,
          EXPONENTIAL,
          EXPONENTIAL_MINUS_ONE,
          FLOOR,
          LOGISTIC,
          NEGATE,
          NOT,
          POPULATION_COUNT,
          ROUND_NEAREST_AFZ,
          ROUND_NEAREST_EVEN,
          SIGN,
          SINE,
          SINH,
          TAN,
          TANH ->
          ANYWHERE;
    };
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"COUNT_LEADING_ZEROS", "NOT", "POPULATION_COUNT"})
  void unaryGradientIsTheSlope(UnaryKind kind) {
    check((b, x) -> b.unary(kind, x.getFirst()), points(kind));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "ADD",
        "ATAN2",
        "DIVIDE",
        "MAXIMUM",
        "MINIMUM",
        "MULTIPLY",
        "POWER",
        "REMAINDER",
        "SUBTRACT"
      })
  void binaryGradientsAreTheSlopes(BinaryKind kind) {
    boolean positiveBase = kind == BinaryKind.POWER;
    Literal left = positiveBase ? vector(0.3, 0.8, 1.9, 2.5, 4) : vector(-3.2, -0.4, 1.1, 2.3, 7.7);
    check((b, x) -> b.binary(kind, x.get(0), x.get(1)), left, vector(1.3, -2.2, 0.7, 3.1, -1.6));
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ADD", "ATAN2", "DIVIDE", "MULTIPLY", "SUBTRACT", "MAXIMUM", "MINIMUM", "REMAINDER"})
  void anOperandUsedTwiceHasTheSumOfBothGradients(BinaryKind kind) {
    check(
        (b, x) -> b.binary(kind, x.getFirst(), b.times(x.getFirst(), 0.7)), vector(-1.5, 0.4, 2.5));
  }

  private static double[] slopes(UnaryKind kind, double... at) {
    return gradients((b, x) -> b.unary(kind, x.getFirst()), vector(at)).getFirst();
  }

  @Test
  void magnitudeHasNoSlopeAtZero() {
    assertArrayEquals(new double[] {0, 0, -1, 1}, slopes(UnaryKind.ABS, 0, -0.0, -3, 3), 0);
  }

  @Test
  void saturatedFunctionsAreFlatAndFinite() {
    assertArrayEquals(new double[] {0, 0}, slopes(UnaryKind.TANH, -400, 400), 0);
    assertArrayEquals(new double[] {0, 0}, slopes(UnaryKind.LOGISTIC, -800, 800), 0);
    assertArrayEquals(new double[] {0, 0}, slopes(UnaryKind.ERF, -40, 40), 0);
    assertArrayEquals(new double[] {0}, slopes(UnaryKind.EXPONENTIAL, -800), 0);
  }

  @Test
  void rootsAreInfinitelySteepAtZero() {
    assertArrayEquals(new double[] {Double.POSITIVE_INFINITY}, slopes(UnaryKind.SQRT, 0), 0);
    assertArrayEquals(new double[] {Double.POSITIVE_INFINITY}, slopes(UnaryKind.CBRT, 0), 0);
  }

  @ParameterizedTest
  @EnumSource(names = {"MAXIMUM", "MINIMUM"})
  void equalOperandsShareTheGradientOfAnExtremum(BinaryKind kind) {
    var g =
        gradients((b, x) -> b.binary(kind, x.get(0), x.get(1)), vector(2, -0.0), vector(2, 0.0));
    assertArrayEquals(new double[] {0.5, 0.5}, g.get(0), 0);
    assertArrayEquals(new double[] {0.5, 0.5}, g.get(1), 0);
  }

  @Test
  void powersOfZeroHaveFiniteGradients() {
    var g =
        gradients(
            (b, x) -> b.binary(BinaryKind.POWER, x.get(0), x.get(1)),
            vector(0, 0, 0, 0, -2, -2),
            vector(0, 1, 2, 3.5, 2, 0));
    assertArrayEquals(new double[] {0, 1, 0, 0, -4, 0}, g.get(0), 0);
    assertArrayEquals(
        new double[] {0, 0, 0, 0, Double.NaN, Double.NaN}, g.get(1), 0, "log of a negative base");
  }

  @Test
  void selectSendsTheGradientWhereItTookTheValue() {
    check(
        (b, x) -> {
          HloInstruction positive =
              b.compare(ComparisonDirection.GT, x.get(0), b.filledLike(x.get(0), 0));
          return b.select(positive, b.times(x.get(0), x.get(1)), b.times(x.get(1), 3));
        },
        vector(-1, 2, 0.5, -0.1),
        vector(4, 5, 6, 7));
  }

  @Test
  void selectByAScalarSendsAllGradientsOneWay() {
    check(
        (b, x) -> b.select(b.constant(DType.PRED, 0), x.get(0), x.get(1)),
        vector(1, 2),
        vector(3, 4));
  }

  @Test
  void clampSendsTheGradientToWhatItReturned() {
    check(
        (b, x) -> b.add(new HloOp.Clamp(), x),
        vector(-1, -1, -1, 3),
        vector(-2.5, 0.5, 2.5, 2),
        vector(2, 2, 2, 1));
    check(
        (b, x) -> b.add(new HloOp.Clamp(), x),
        array(Dims.of(), -1),
        vector(-2.5, -1.4, 0.5, 2.5),
        array(Dims.of(), 2));
  }

  @Test
  void clampHasGradientOneOnItsBounds() {
    var g =
        gradients(
            (b, x) -> b.add(new HloOp.Clamp(), x),
            array(Dims.of(), -1),
            vector(-1, 0, 2, Double.NaN),
            array(Dims.of(), 2));
    assertArrayEquals(new double[] {0}, g.get(0), 0);
    assertArrayEquals(new double[] {1, 1, 1, 0}, g.get(1), 0);
    assertArrayEquals(new double[] {0}, g.get(2), 0);
  }

  @Test
  void convertBetweenFloatsPassesTheGradientInTheOperandsType() {
    for (DType type : new DType[] {DType.F32, DType.BF16, DType.F16}) {
      var g =
          gradients(
              (b, x) -> {
                HloInstruction narrow = b.convert(x.getFirst(), type);
                return b.times(narrow, narrow);
              },
              vector(1, -2, 0.5));
      assertArrayEquals(new double[] {2, -4, 1}, g.getFirst(), 0);
    }
  }

  @Test
  void nothingPassesThroughIntegersAndBits() {
    assertNull(
        gradients(
                (b, x) -> b.convert(b.convert(x.getFirst(), DType.S32), DType.F64), vector(1.5, 2))
            .getFirst());
    assertNull(
        gradients(
                (b, x) -> {
                  HloInstruction bits = b.add(new HloOp.BitcastConvert(DType.S64), x.getFirst());
                  return b.add(new HloOp.BitcastConvert(DType.F64), bits);
                },
                vector(1.5, 2))
            .getFirst());
    assertNull(
        gradients(
                (b, x) -> b.convert(b.add(new HloOp.IsFinite(), x.getFirst()), DType.F64),
                vector(1.5, 2))
            .getFirst());
  }
}
