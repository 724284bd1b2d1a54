package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.c64;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.f64;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.pred;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;
import static io.lazytensor.xla.infer.Rules.u32;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ElementwiseShapesTest {
  private static HloOp unary(UnaryKind kind) {
    return new HloOp.Unary(kind);
  }

  private static HloOp binary(BinaryKind kind) {
    return new HloOp.Binary(kind);
  }

  static List<Rules.Refusal> refusals() {
    HloOp precision = new HloOp.ReducePrecision(5, 10);
    HloOp stochastic = new HloOp.StochasticConvert(DType.BF16);
    return List.of(
        no("no meaning for u32[2]", unary(UnaryKind.ABS), u32(2)),
        no("no meaning for u32[2]", unary(UnaryKind.SIGN), u32(2)),
        no("no meaning for pred[2]", unary(UnaryKind.NEGATE), pred(2)),
        no("no meaning for c64[2]", unary(UnaryKind.NOT), c64(2)),
        no("no meaning for c64[2]", unary(UnaryKind.CBRT), c64(2)),
        no("no meaning for c64[2]", unary(UnaryKind.ERF), c64(2)),
        no("no meaning for c64[2]", unary(UnaryKind.FLOOR), c64(2)),
        no("no meaning for c64[2]", unary(UnaryKind.ROUND_NEAREST_EVEN), c64(2)),
        no("no meaning for f32[2]", unary(UnaryKind.POPULATION_COUNT), f32(2)),
        no("takes arrays", unary(UnaryKind.NEGATE), tuple(f32(2))),
        no("no meaning for c64[2]", binary(BinaryKind.XOR), c64(2), c64(2)),
        no("no meaning for f32[2]", binary(BinaryKind.MULHI), f32(2), f32(2)),
        no("no meaning for s32[2]", binary(BinaryKind.ATAN2), s32(2), s32(2)),
        no("no meaning for f32[2]", binary(BinaryKind.SHIFT_LEFT), f32(2), f32(2)),
        no("no meaning for pred[2]", binary(BinaryKind.DIVIDE), pred(2), pred(2)),
        no("one shape", binary(BinaryKind.ADD), f32(2), bf16(2)),
        no("one shape", binary(BinaryKind.ADD), f32(2, 1), f32(2, 3)),
        no("floating-point", new HloOp.IsFinite(), c64(2)),
        no("parts of f32 or f64", new HloOp.Complex(), s32(2), s32(2)),
        no("parts of f32 or f64", new HloOp.Complex(), bf16(2), bf16(2)),
        no("one shape", new HloOp.Complex(), f32(2), f64(2)),
        no("no meaning", new HloOp.Real(), s32(2)),
        no("no meaning", new HloOp.Imag(), pred(2)),
        no("equal or not", new HloOp.Compare(ComparisonDirection.LT, false), c64(2), c64(2)),
        no("total order", new HloOp.Compare(ComparisonDirection.LT, true), s32(2), s32(2)),
        no("select takes a pred", new HloOp.Select(), s32(2), f32(2), f32(2)),
        no("select takes a pred", new HloOp.Select(), pred(3), f32(2), f32(2)),
        no("select takes a pred", new HloOp.Select(), pred(2), f32(2), bf16(2)),
        no("takes arrays", new HloOp.Select(), pred(), tuple(f32()), tuple(f32())),
        no("clamp takes ordered", new HloOp.Clamp(), c64(), c64(2), c64()),
        no("clamp takes ordered", new HloOp.Clamp(), pred(), pred(2), pred()),
        no("clamp takes ordered", new HloOp.Clamp(), f32(2), f32(), f32(2)),
        no("clamp takes ordered", new HloOp.Clamp(), s32(), f32(2), s32()),
        no("not defined", new HloOp.BitcastConvert(DType.F64), c64(2)),
        no("not defined", new HloOp.BitcastConvert(DType.C64), f64(2)),
        no("last dimension of 2", new HloOp.BitcastConvert(DType.S8), s4(3)),
        no("last dimension of 4", new HloOp.BitcastConvert(DType.F32), pred(3)),
        no("last dimension of 2", new HloOp.BitcastConvert(DType.F64), f32()),
        no("reduce-precision", precision, s32(2)),
        no("reduce-precision", precision, c64(2)),
        no("reduce-precision", new HloOp.ReducePrecision(0, 10), f32(2)),
        no("reduce-precision", new HloOp.ReducePrecision(5, -1), f32(2)),
        no("stochastic-convert to bf16", stochastic, f32(2), s32(2)),
        no("stochastic-convert to bf16", stochastic, f64(2), u32(2)),
        no("stochastic-convert to bf16", stochastic, f32(2), u32(3)),
        no("stochastic-convert to bf16", stochastic, s32(2), u32(2)),
        no("stochastic-convert to pred", new HloOp.StochasticConvert(DType.PRED), f32(), u32()));
  }

  private static ArrayShape s4(int... dims) {
    return ArrayShape.of(DType.S4, dims);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @ParameterizedTest
  @EnumSource(
      value = UnaryKind.class,
      names = {
        "ACOS",
        "ACOSH",
        "ASIN",
        "ASINH",
        "ATANH",
        "COSH",
        "COSINE",
        "EXPONENTIAL",
        "EXPONENTIAL_MINUS_ONE",
        "LOG",
        "LOG_PLUS_ONE",
        "LOGISTIC",
        "NEGATE",
        "RSQRT",
        "SIGN",
        "SINE",
        "SINH",
        "SQRT",
        "TAN",
        "TANH"
      })
  void functionsOfComplexNumbersStayComplex(UnaryKind kind) {
    gives(c64(3), unary(kind), c64(3));
  }

  @Test
  void theMagnitudeOfAComplexNumberIsReal() {
    gives(f32(3), unary(UnaryKind.ABS), c64(3));
    gives(ArrayShape.of(DType.F64, 3), unary(UnaryKind.ABS), ArrayShape.of(DType.C128, 3));
    gives(s4(3), unary(UnaryKind.ABS), s4(3));
  }

  @Test
  void complexNumbersComeTogetherAndApart() {
    gives(c64(3), new HloOp.Complex(), f32(3), f32(3));
    gives(ArrayShape.of(DType.C128), new HloOp.Complex(), f64(), f64());
    gives(f32(3), new HloOp.Real(), c64(3));
    gives(bf16(3), new HloOp.Imag(), bf16(3));
    gives(pred(3), new HloOp.Compare(ComparisonDirection.NE, false), c64(3), c64(3));
  }

  @ParameterizedTest
  @CsvSource({
    "S4, S8, 6 2, 6",
    "S8, S4, 6, 6 2",
    "U2, S4, 6 2, 6",
    "F8E5M2, F16, 2, ''",
    "F64, U4, 3, 3 16",
    "PRED, U8, 4, 4",
    "PRED, F32, 2 4, 2",
    "C128, C64, 3, 3 2",
    "F4E2M1FN, S4, 5, 5"
  })
  void bitcastsCountBits(DType from, DType to, String before, String after) {
    gives(
        ArrayShape.of(to, dims(after)),
        new HloOp.BitcastConvert(to),
        ArrayShape.of(from, dims(before)));
  }

  private static int[] dims(String text) {
    return text.isEmpty()
        ? new int[0]
        : List.of(text.split(" ")).stream().mapToInt(Integer::parseInt).toArray();
  }

  @Test
  void bytesAreNoTruthValues() {
    List<Shape> bytes = List.of(ArrayShape.of(DType.S8, 4));
    assertThrows(
        UnsupportedException.class,
        () -> ShapeInference.infer(new HloOp.BitcastConvert(DType.PRED), bytes));
  }

  @Test
  void scalarConditionsAndBoundsAreTaken() {
    gives(f32(2, 3), new HloOp.Select(), pred(), f32(2, 3), f32(2, 3));
    gives(f32(2, 3), new HloOp.Clamp(), f32(), f32(2, 3), f32(2, 3));
  }

  @Test
  void anythingCanBeCopied() {
    gives(tuple(f32(2), TokenShape.TOKEN), unary(UnaryKind.COPY), tuple(f32(2), TokenShape.TOKEN));
  }

  @Test
  void precisionIsReducedWithinAType() {
    gives(f32(3), new HloOp.ReducePrecision(1, 0), f32(3));
    gives(bf16(3), new HloOp.StochasticConvert(DType.BF16), f32(3), u32(3));
  }
}
