package io.lazytensor.xla.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Complex numbers: values computed by hand, C's special values, and laws. */
class ComplexTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction complex(double... parts) {
    int count = parts.length / 2;
    return b.add(new HloOp.Constant(Literal.ofComplex(DType.C128, Dims.of(count), parts)));
  }

  private HloInstruction real(double... values) {
    return b.add(new HloOp.Constant(Literal.ofDoubles(Dims.of(values.length), values)));
  }

  private static Literal literal(HloInstruction root) {
    return HloEvaluator.evaluate(HloComputation.of("main", List.of(), root), List.of()).getFirst();
  }

  private static double[] parts(HloInstruction root) {
    Literal out = literal(root);
    double[] parts = new double[(int) out.shape().elementCount() * 2];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = i % 2 == 0 ? out.realPart(i / 2) : out.imaginaryPart(i / 2);
    }
    return parts;
  }

  private double[] unary(UnaryKind kind, double re, double im) {
    return parts(b.unary(kind, complex(re, im)));
  }

  private double[] binary(BinaryKind kind, double a, double ai, double c, double ci) {
    return parts(b.binary(kind, complex(a, ai), complex(c, ci)));
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, 4, -2",
    "SUBTRACT, -2, 6",
    "MULTIPLY, 11, 2",
    "DIVIDE, -0.2, 0.4",
    "MAXIMUM, 3, -4",
    "MINIMUM, 1, 2"
  })
  void twoNumbersCombine(BinaryKind kind, double re, double im) {
    assertArrayEquals(new double[] {re, im}, binary(kind, 1, 2, 3, -4), 1e-15);
  }

  @Test
  void squaresArePowers() {
    assertArrayEquals(new double[] {-3, 4}, binary(BinaryKind.POWER, 1, 2, 2, 0), 1e-14);
    // i^i = exp(-π/2).
    assertArrayEquals(
        new double[] {Math.exp(-Math.PI / 2), 0}, binary(BinaryKind.POWER, 0, 1, 0, 1), 1e-16);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, NaN, NaN, 1, 0",
    "NaN, NaN, 0, 0, 1, 0",
    "0, 0, 2, 0, 0, 0",
    "Infinity, 0, 2, 0, Infinity, 0",
    "Infinity, 0, -2, 0, 0, 0",
    "2, 0, 3, 0, 8, 0"
  })
  void powersAtTheEdges(double a, double ai, double c, double ci, double re, double im) {
    assertArrayEquals(new double[] {re, im}, binary(BinaryKind.POWER, a, ai, c, ci));
  }

  @Test
  void infinitiesStayInfinite() {
    double inf = Double.POSITIVE_INFINITY;
    double nan = Double.NaN;
    assertTrue(isInfinite(binary(BinaryKind.MULTIPLY, inf, nan, 1, 1)));
    assertTrue(isInfinite(binary(BinaryKind.MULTIPLY, inf, inf, inf, inf)));
    assertTrue(isInfinite(binary(BinaryKind.DIVIDE, 1, 1, 0, 0)));
    assertTrue(isInfinite(binary(BinaryKind.DIVIDE, inf, nan, 2, 3)));
    assertArrayEquals(new double[] {0, 0}, binary(BinaryKind.DIVIDE, 1, 1, inf, nan));
  }

  private static boolean isInfinite(double[] z) {
    return Double.isInfinite(z[0]) || Double.isInfinite(z[1]);
  }

  @Test
  void quotientsOfExtremesDoNotOverflow() {
    assertArrayEquals(new double[] {1, 0}, binary(BinaryKind.DIVIDE, 1e308, 1e308, 1e308, 1e308));
    double tiny = 0x1p-1060;
    assertArrayEquals(new double[] {1, 0}, binary(BinaryKind.DIVIDE, tiny, tiny, tiny, tiny));
  }

  // C11, Annex G.6.
  @ParameterizedTest
  @CsvSource({
    "SQRT, -4, 0.0, 0, 2",
    "SQRT, -4, -0.0, 0, -2",
    "SQRT, -0.0, -0.0, 0, -0.0",
    "SQRT, NaN, Infinity, Infinity, Infinity",
    "SQRT, -Infinity, 1, 0, Infinity",
    "SQRT, -Infinity, NaN, NaN, Infinity",
    "SQRT, Infinity, NaN, Infinity, NaN",
    "SQRT, 1e308, 1e308, 1.0986841134678100e154, 4.550898605622273e153",
    "LOG, 0, 0, -Infinity, 0",
    "LOG, 4.9e-324, -4.9e-324, -744.0934983311013, -0.7853981633974483",
    "LOG, -0.0, 0, -Infinity, 3.141592653589793",
    "LOG, -1, -0.0, 0, -3.141592653589793",
    "LOG, Infinity, Infinity, Infinity, 0.7853981633974483",
    "LOG, Infinity, NaN, Infinity, NaN",
    "LOG_PLUS_ONE, -1, 0, -Infinity, 0",
    "LOG_PLUS_ONE, Infinity, 1, Infinity, 0",
    "EXPONENTIAL, -Infinity, Infinity, 0, 0",
    "EXPONENTIAL, Infinity, Infinity, Infinity, NaN",
    "EXPONENTIAL, NaN, 0, NaN, 0",
    "EXPONENTIAL, 1, Infinity, NaN, NaN",
    "EXPONENTIAL_MINUS_ONE, -Infinity, 0, -1, 0",
    "EXPONENTIAL_MINUS_ONE, 0, 0, 0, 0",
    "SINH, Infinity, Infinity, Infinity, NaN",
    "SINH, 0, Infinity, 0, NaN",
    "SINH, NaN, 0, NaN, 0",
    "COSH, Infinity, 0, Infinity, 0",
    "COSH, 0, Infinity, NaN, 0",
    "COSH, -0.0, 0, 1, -0.0",
    "COSH, NaN, 1, NaN, NaN",
    "TANH, Infinity, 1, 1, 0",
    "TANH, -Infinity, 2, -1, -0.0",
    "TANH, Infinity, NaN, 1, 0",
    "TANH, 1, Infinity, NaN, NaN",
    "TANH, NaN, 0, NaN, 0",
    "ACOS, Infinity, Infinity, 0.7853981633974483, -Infinity",
    "ACOS, -Infinity, 1, 3.141592653589793, -Infinity",
    "ACOS, 2, 0.0, 0, -1.3169578969248166",
    "ACOS, 2, -0.0, 0, 1.3169578969248166",
    "ACOS, Infinity, NaN, NaN, -Infinity",
    "ACOS, 0, NaN, 1.5707963267948966, NaN",
    "ASIN, -2, 0.0, -1.5707963267948966, 1.3169578969248166",
    "ASIN, 1, Infinity, 0, Infinity",
    "ASIN, NaN, Infinity, NaN, Infinity",
    "ACOSH, -1, 0, 0, 3.141592653589793",
    "ACOSH, 0, -0.0, 0, -1.5707963267948966",
    "ACOSH, -Infinity, Infinity, Infinity, 2.356194490192345",
    "ASINH, Infinity, NaN, Infinity, NaN",
    "ASINH, NaN, 0, NaN, 0",
    "ASINH, Infinity, 1, Infinity, 0",
    "ATANH, 1, 0, Infinity, 0",
    "ATANH, -1, -0.0, -Infinity, -0.0",
    "ATANH, 2, 0.0, 0.5493061443340549, 1.5707963267948966",
    "ATANH, 2, -0.0, 0.5493061443340549, -1.5707963267948966",
    "ATANH, 3, Infinity, 0, 1.5707963267948966",
    "ATANH, Infinity, 1, 0, 1.5707963267948966",
    "ATANH, 1, 1e-200, 230.60508288968455, 0.7853981633974483",
    "SIGN, 0, 0, 0, 0",
    "SIGN, NaN, 1, NaN, NaN",
    "SIGN, 1e308, 1e308, 0.7071067811865476, 0.7071067811865476",
    "LOGISTIC, -1000, 1, 0, 0",
    "NEGATE, 1, -0.0, -1, 0"
  })
  void functionsAtTheEdges(UnaryKind kind, double x, double y, double re, double im) {
    double[] got = unary(kind, x, y);
    // The sign of a zero is not specified where an operand is NaN, or all is rounded away.
    boolean unsigned = Double.isNaN(x) || Double.isNaN(y) || kind == UnaryKind.LOGISTIC;
    near(re, got[0], unsigned);
    near(im, got[1], unsigned);
  }

  private static void near(double expected, double got, boolean zeroIsUnsigned) {
    boolean finite = Double.isFinite(expected) && expected != 0;
    double value = zeroIsUnsigned && expected == 0 ? Math.abs(got) : got;
    if (finite) {
      assertEquals(expected, value, Math.abs(expected) * 4e-16);
    } else {
      assertEquals(expected, value);
    }
  }

  @Test
  void partsComeApartAndTogether() {
    HloInstruction z = complex(1, 2, 3, 4);
    assertArrayEquals(new double[] {1, 0, 3, 0}, parts(b.add(new HloOp.Real(), z)));
    assertArrayEquals(new double[] {2, 0, 4, 0}, parts(b.add(new HloOp.Imag(), z)));
    HloInstruction again =
        b.add(new HloOp.Complex(), b.add(new HloOp.Real(), z), b.add(new HloOp.Imag(), z));
    assertEquals(literal(z), literal(again));
    HloInstruction x = real(5);
    assertArrayEquals(new double[] {5, 0}, parts(b.add(new HloOp.Real(), x)));
    assertArrayEquals(new double[] {0, 0}, parts(b.add(new HloOp.Imag(), x)));
  }

  @Test
  void magnitudesAreReal() {
    Literal out = literal(b.unary(UnaryKind.ABS, complex(3, -4, 1e308, 1e308)));
    assertEquals(DType.F64, out.shape().dtype());
    assertEquals(5, out.toDouble(0));
    assertEquals(Math.sqrt(2) * 1e308, out.toDouble(1), 1e293);
  }

  @Test
  void numbersAreEqualOrNot() {
    HloInstruction x = complex(1, 2, 1, 2, Double.NaN, 0, -0.0, 0);
    HloInstruction y = complex(1, 2, 1, 3, Double.NaN, 0, 0, -0.0);
    assertArrayEquals(new double[] {1, 0, 0, 1}, pred(b.compare(ComparisonDirection.EQ, x, y)));
    assertArrayEquals(new double[] {0, 1, 1, 0}, pred(b.compare(ComparisonDirection.NE, x, y)));
  }

  private static double[] pred(HloInstruction root) {
    Literal out = literal(root);
    double[] values = new double[(int) out.shape().elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = out.toDouble(i);
    }
    return values;
  }

  @Test
  void conversionsDropOrAddTheImaginaryPart() {
    HloInstruction z = complex(1.7, 2, 0, -3, 0, 0);
    assertArrayEquals(new double[] {1, 1, 0}, pred(b.convert(z, DType.PRED)));
    assertArrayEquals(new double[] {1, 0, 0}, pred(b.convert(z, DType.S32)));
    assertArrayEquals(new double[] {1.7, 0, 0}, pred(b.convert(z, DType.F64)));
    assertArrayEquals(new double[] {1.7f, 2, 0, -3, 0, 0}, parts(b.convert(z, DType.C64)));
    assertArrayEquals(new double[] {2, 0}, parts(b.convert(real(2), DType.C64)));
    HloInstruction integer = b.add(new HloOp.Constant(Literal.ofLongs(Dims.of(1), -7)));
    assertArrayEquals(new double[] {-7, 0}, parts(b.convert(integer, DType.C128)));
  }

  @Test
  void sumsAreInDouble() {
    HloInstruction z = b.convert(complex(1e8, 1, 1, 2, 1, 3, -1e8, 4), DType.C64);
    assertArrayEquals(new double[] {2, 10}, parts(b.sum(z, Dims.of(0))));
  }

  @Test
  void productsOfMatricesDoNotConjugate() {
    HloInstruction x = b.add(new HloOp.Reshape(Dims.of(1, 2)), complex(1, 2, 3, 4));
    HloInstruction y = b.add(new HloOp.Reshape(Dims.of(2, 1)), complex(5, 6, 7, 8));
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of());
    // (1+2i)(5+6i) + (3+4i)(7+8i) = (-7+16i) + (-11+52i).
    assertArrayEquals(new double[] {-18, 68}, parts(b.add(new HloOp.Dot(n, DType.C128), x, y)));
  }

  @Test
  void countsAreComplexToo() {
    assertArrayEquals(
        new double[] {0, 0, 1, 0, 2, 0},
        parts(b.add(new HloOp.Iota(ArrayShape.of(DType.C64, 3), 0))));
  }

  @Property
  void quotientsUndoProducts(
      @ForAll @DoubleRange(min = -100, max = 100) double a,
      @ForAll @DoubleRange(min = -100, max = 100) double c,
      @ForAll @DoubleRange(min = 0.01, max = 100) double d,
      @ForAll @DoubleRange(min = 0.01, max = 100) double e) {
    ComplexNumber x = new ComplexNumber(a, c);
    ComplexNumber y = new ComplexNumber(d, -e);
    near(x, x.times(y).over(y), 1e-14 * Math.max(x.abs(), 1));
  }

  @Property
  void inversesUndoFunctions(
      @ForAll @DoubleRange(min = -1.4, max = 1.4) double x,
      @ForAll @DoubleRange(min = -1.4, max = 1.4) double y) {
    ComplexNumber z = new ComplexNumber(x, y);
    near(z, undone(UnaryKind.LOG, UnaryKind.EXPONENTIAL, z), 1e-14);
    near(z, undone(UnaryKind.LOG_PLUS_ONE, UnaryKind.EXPONENTIAL_MINUS_ONE, z), 1e-14);
    near(z, undone(UnaryKind.ASIN, UnaryKind.SINE, z), 1e-7);
    near(z, undone(UnaryKind.ASINH, UnaryKind.SINH, z), 1e-7);
    near(z, undone(UnaryKind.ATANH, UnaryKind.TANH, z), 1e-13);
    ComplexNumber root = ComplexMath.sqrt(z);
    near(z, root.times(root), 1e-15 * Math.max(1, z.abs()) * 4);
    near(ComplexNumber.ONE, ComplexMath.unary(UnaryKind.RSQRT, z).times(root), 1e-15 * 4, z);
  }

  private static ComplexNumber undone(UnaryKind inverse, UnaryKind function, ComplexNumber z) {
    return ComplexMath.unary(inverse, ComplexMath.unary(function, z));
  }

  private static void near(ComplexNumber expected, ComplexNumber got, double bound) {
    assertTrue(expected.minus(got).abs() <= bound, () -> expected + " became " + got);
  }

  private static void near(
      ComplexNumber expected, ComplexNumber got, double bound, ComplexNumber unlessZero) {
    if (!unlessZero.same(ComplexNumber.ZERO)) {
      near(expected, got, bound);
    }
  }
}
