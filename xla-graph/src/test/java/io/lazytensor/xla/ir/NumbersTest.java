package io.lazytensor.xla.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Bits and numbers of every type. */
class NumbersTest {
  private static final List<DType> WIDE = List.of(DType.F16, DType.BF16, DType.F32, DType.F64);

  @Property
  void bitsOfFloatsSurvive(@ForAll long bits) {
    for (DType type : WIDE) {
      long own = type.bitWidth() == 64 ? bits : bits & ((1L << type.bitWidth()) - 1);
      assertEquals(own, Numbers.encodeFloat(type, Numbers.toDouble(type, own)), type::toString);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 7f800001",
    "F32, ffc12345",
    "F16, 7c01",
    "F16, fe00",
    "BF16, 7f81",
    "BF16, ffff",
    "F8E5M2, 7d",
    "F8E4M3, f9",
    "F8E3M4, 7f"
  })
  void bitsOfNaNsSurvive(DType type, String hex) {
    long bits = Long.parseLong(hex, 16);
    double value = Numbers.toDouble(type, bits);
    assertTrue(Double.isNaN(value));
    assertEquals(bits, Numbers.encodeFloat(type, value));
  }

  @Test
  void aPayloadThatDoesNotFitLeavesAQuietNaN() {
    double nan = Double.longBitsToDouble(0xFFF0_0000_0000_0001L);
    assertEquals(0xFFC0_0000L, Numbers.encodeFloat(DType.F32, nan));
    assertEquals(0xFE, Numbers.encodeFloat(DType.F8E5M2, nan));
  }

  @Property
  void longsRoundOnce(@ForAll long value) {
    for (DType type : WIDE) {
      assertEquals(
          nearest(type, BigInteger.valueOf(value)),
          Numbers.toDouble(type, Numbers.encodeInteger(type, DType.S64, value)),
          () -> type + " of " + value);
      BigInteger unsigned = new BigInteger(Long.toUnsignedString(value));
      assertEquals(
          nearest(type, unsigned),
          Numbers.toDouble(type, Numbers.encodeInteger(type, DType.U64, value)),
          () -> type + " of " + unsigned);
    }
  }

  /** Rounds an integer to the type's digits by exact arithmetic. */
  private static double nearest(DType type, BigInteger value) {
    int digits =
        switch (type) {
          case F16 -> 11;
          case BF16 -> 8;
          case F32 -> 24;
          default -> 53;
        };
    int excess = Math.max(0, value.abs().bitLength() - digits);
    BigInteger unit = BigInteger.ONE.shiftLeft(excess);
    BigDecimal steps =
        new BigDecimal(value)
            .divide(new BigDecimal(unit), MathContext.UNLIMITED)
            .setScale(0, RoundingMode.HALF_EVEN);
    double rounded = steps.toBigInteger().multiply(unit).doubleValue();
    boolean tooGreat = type == DType.F16 && Math.abs(rounded) > 65504;
    return tooGreat ? Math.copySign(Double.POSITIVE_INFINITY, rounded) : rounded;
  }

  @Test
  void tiesOfLongsThatDoublesWouldHideGoUp() {
    // 2^53 + 2^45 is half way between two bf16; one more is not, but is no double.
    long value = (1L << 62) + (1L << 54) + 1;
    assertEquals((1L << 62) + (1L << 55), (long) bf16(value));
    assertEquals(-(1L << 62) - (1L << 55), (long) bf16(-value));
    assertEquals(1L << 62, (long) bf16(value - 1));
  }

  private static double bf16(long value) {
    return Numbers.toDouble(DType.BF16, Numbers.encodeInteger(DType.BF16, DType.S64, value));
  }

  @ParameterizedTest
  @CsvSource({"S2,-2,1", "S4,-8,7", "U2,0,3", "U4,0,15", "S8,-128,127", "U16,0,65535"})
  void integersSaturateFromFloatsAndWrapFromIntegers(DType type, long low, long high) {
    assertEquals(low, Numbers.saturatingToInteger(type, -1e9));
    assertEquals(high, Numbers.saturatingToInteger(type, 1e9));
    assertEquals(low, Numbers.toLong(type, high + 1));
    assertEquals(high, Numbers.toLong(type, low - 1));
    assertEquals(0, Numbers.saturatingToInteger(type, Double.NaN));
    assertEquals(0, Numbers.saturatingToInteger(type, 0.99));
  }

  @ParameterizedTest
  @EnumSource(names = {"C64", "C128", "S32", "PRED"})
  void whatIsNoFloatIsRefused(DType type) {
    assertThrows(ShapeException.class, () -> Numbers.encodeFloat(type, 1));
  }
}
