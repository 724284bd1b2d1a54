package io.lazytensor.xla.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Constant arrays. */
class LiteralTest {
  private static String refusal(Executable what) {
    return String.valueOf(assertThrows(ShapeException.class, what).getMessage());
  }

  @Test
  void complexNumbersHaveParts() {
    Literal z = Literal.ofComplex(DType.C64, Dims.of(2), 1, 2, 0.1, -0.0);
    assertEquals(16, z.segment().byteSize());
    assertEquals(2, z.imaginaryPart(0));
    assertEquals(0.1f, z.realPart(1));
    assertEquals(-0.0, z.imaginaryPart(1));
    Literal w = Literal.scalarComplex(DType.C128, 0.1, 3);
    assertEquals(0.1, w.realPart(0));
    assertEquals(Literal.scalarComplex(DType.C64, 4, 0), Literal.scalar(DType.C64, 4));
  }

  @Test
  void complexNumbersHaveNoSingleBits() {
    Literal z = Literal.scalarComplex(DType.C64, 1, 2);
    assertEquals(
        "an element of c64 is two numbers and has no single bits; use its real and imaginary part",
        refusal(() -> z.bits(0)));
    refusal(() -> z.toDouble(0));
    refusal(() -> z.toLong(0));
    refusal(() -> Literal.scalarBits(DType.C128, 0));
    refusal(() -> Literal.ofBits(ArrayShape.of(DType.C64, 1), 0));
    refusal(() -> Literal.scalarComplex(DType.F32, 1, 2));
  }

  @Test
  void realNumbersHaveParts() {
    Literal x = Literal.ofDoubles(Dims.of(2), 1.5, 2.5);
    assertEquals(2.5, x.realPart(1));
    assertEquals(0, x.imaginaryPart(1));
  }

  @Test
  void longsKeepTheirBits() {
    Literal x = Literal.ofLongs(Dims.of(2), Long.MIN_VALUE, (1L << 53) + 1);
    assertEquals(Long.MIN_VALUE, x.toLong(0));
    assertEquals((1L << 53) + 1, x.toLong(1));
    assertEquals(-1, Literal.scalarBits(DType.U64, -1).toLong(0));
    assertEquals("f64 is no integer type", refusal(() -> Literal.scalar(DType.F64, 1).toLong(0)));
  }

  @Test
  void indicesAreChecked() {
    Literal x = Literal.ofFloats(Dims.of(2), 1, 2);
    assertEquals("element 2 of literal f32[2], which has 2", refusal(() -> x.toDouble(2)));
    refusal(() -> x.bits(-1));
    refusal(() -> x.realPart(Long.MAX_VALUE));
    Literal z = Literal.ofComplex(DType.C64, Dims.of(1), 1, 2);
    refusal(() -> z.realPart(1));
    refusal(() -> z.imaginaryPart(-1));
    refusal(() -> Literal.ofFloats(Dims.of(0)).toDouble(0));
  }

  @Test
  void sizesAreChecked() {
    assertEquals(
        "a literal f32[3] takes 3 numbers, got 2",
        refusal(() -> Literal.ofFloats(Dims.of(3), 1, 2)));
    assertEquals(
        "a literal c64[2] takes 4 numbers, got 3",
        refusal(() -> Literal.ofComplex(DType.C64, Dims.of(2), 1, 2, 3)));
    refusal(() -> Literal.ofLongs(Dims.of(1)));
    refusal(() -> Literal.ofInts(Dims.of(1)));
    refusal(() -> Literal.ofDoubles(Dims.of(2), 1));
    ArrayShape shape = ArrayShape.of(DType.F64, 2);
    assertEquals(
        "a literal f64[2] takes 16 bytes, the segment has 8",
        refusal(() -> Literal.ofSegment(shape, MemorySegment.ofArray(new byte[8]))));
    assertEquals(
        "a literal f64[2] takes 16 bytes, got 8",
        refusal(() -> Literal.ofBytes(shape, new byte[8])));
  }

  @Test
  void unusedBitsOfSmallTypesDoNotCount() {
    for (DType type : List.of(DType.S4, DType.U4, DType.S2, DType.U2, DType.F4E2M1FN)) {
      ArrayShape shape = ArrayShape.of(type, 1);
      int width = type.bitWidth();
      for (int code = 0; code < 1 << width; code++) {
        Literal low = Literal.ofBytes(shape, new byte[] {(byte) code});
        Literal high = Literal.ofBytes(shape, new byte[] {(byte) (code | -1 << width)});
        assertEquals(low, high);
        assertEquals(low, Literal.ofBits(shape, code));
      }
    }
    assertEquals(-8, Literal.scalarBits(DType.S4, 8).toLong(0));
    assertEquals(
        -8,
        Literal.scalarBits(DType.S4, 8)
            .segment()
            .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)[0]);
  }

  @Test
  void scalarsConvert() {
    assertEquals(448, Literal.scalar(DType.F8E4M3FN, 450).toDouble(0));
    assertTrue(Double.isNaN(Literal.scalar(DType.F8E4M3FN, 1e9).toDouble(0)));
    assertEquals(7, Literal.scalar(DType.S4, 100).toLong(0));
    assertEquals(1, Literal.scalar(DType.PRED, 0.5).toLong(0));
  }
}
