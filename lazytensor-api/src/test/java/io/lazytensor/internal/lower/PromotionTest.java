package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromotionTest {
  private final HloBuilder b = new HloBuilder();

  /** The rows of torch.promote_types that are not obvious. */
  @ParameterizedTest
  @CsvSource({
    "pred, pred, pred",
    "pred, u8, u8",
    "pred, s32, s32",
    "pred, bf16, bf16",
    "u8, s8, s16",
    "u8, s16, s16",
    "u8, s32, s32",
    "u8, u32, u32",
    "s8, s32, s32",
    "s32, s64, s64",
    "s64, f16, f16",
    "u32, f32, f32",
    "s32, bf16, bf16",
    "f16, bf16, f32",
    "f16, f32, f32",
    "bf16, f64, f64",
    "f32, f64, f64",
  })
  void typesMeetAsInPyTorch(String x, String y, String expected) {
    DType left = DType.ofHloName(x);
    DType right = DType.ofHloName(y);
    assertEquals(DType.ofHloName(expected), Promotion.promote(left, right));
    assertEquals(DType.ofHloName(expected), Promotion.promote(right, left));
  }

  @Test
  void wideUnsignedAndSignedTypesHaveNoCommonType() {
    ShapeException e =
        assertThrows(
            ShapeException.class,
            () -> Elementwise.add(b, parameter(DType.U32, 2), parameter(DType.S32, 2)));
    assertEquals(
        "add of u32[2] and s32[2]: no common type for u32 and s32: cast one of them to the other's"
            + " type",
        e.getMessage());
  }

  @Test
  void aScalarTensorDoesNotWidenATensorOfItsCategory() {
    ArrayShape half = ArrayShape.of(DType.BF16, 3);
    assertEquals(DType.BF16, Promotion.resultType(half, ArrayShape.scalar(DType.F32)));
    assertEquals(DType.BF16, Promotion.resultType(ArrayShape.scalar(DType.S32), half));
    assertEquals(
        DType.F32, Promotion.resultType(ArrayShape.of(DType.S32, 3), ArrayShape.scalar(DType.F32)));
    assertEquals(
        DType.F32,
        Promotion.resultType(ArrayShape.scalar(DType.BF16), ArrayShape.scalar(DType.F32)));
  }

  @Test
  void aNumberTakesTheTensorsTypeUnlessItIsFractionalBesideIntegers() {
    assertEquals(DType.BF16, Promotion.literalType(DType.BF16, 2));
    assertEquals(DType.F16, Promotion.literalType(DType.F16, 0.5));
    assertEquals(DType.S32, Promotion.literalType(DType.S32, 2));
    assertEquals(DType.U8, Promotion.literalType(DType.U8, 2L));
    assertEquals(DType.F32, Promotion.literalType(DType.S32, 0.5));
    assertEquals(DType.F32, Promotion.literalType(DType.PRED, 0.5f));
    assertEquals(DType.S32, Promotion.literalType(DType.PRED, 1));
  }

  @Test
  void anIntegerTensorPlusAFractionIsFloating() {
    HloInstruction x = parameter(DType.S32, 3);
    HloInstruction sum = Elementwise.add(b, x, Promotion.literal(b, 0.5, x));
    assertEquals(ArrayShape.of(DType.F32, 3), sum.shape());
  }

  @Test
  void anIntegerThatDoesNotFitIsRefused() {
    HloInstruction x = parameter(DType.U8, 3);
    for (int value : new int[] {256, -1}) {
      ShapeException e = assertThrows(ShapeException.class, () -> Promotion.literal(b, value, x));
      assertEquals(
          "the number " + value + " does not fit into u8: cast the tensor", e.getMessage());
    }
    assertEquals(DType.U8, Promotion.literal(b, 255, x).arrayShape().dtype());
  }

  private HloInstruction parameter(DType type, int... dims) {
    return b.add(new HloOp.Parameter(0, ArrayShape.of(type, dims)));
  }
}
