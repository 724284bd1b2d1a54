package io.lazytensor.xla.proto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.testing.ProtoMessage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LiteralProtoTest {
  private static byte[] write(Literal literal) {
    WireWriter out = new WireWriter();
    LiteralProto.write(out, 1, literal);
    return ProtoMessage.parse(out.toByteArray()).fields.get(0).payload();
  }

  private static LiteralProto read(byte[] bytes) {
    return LiteralProto.read(WireReader.of(MemorySegment.ofArray(bytes), "LiteralProto"));
  }

  private static Literal array(byte[] bytes) {
    Literal array = read(bytes).array();
    assertNotNull(array);
    return array;
  }

  @ParameterizedTest
  @EnumSource
  void valuesOfEveryTypeComeBack(DType type) {
    Random random = new Random(type.ordinal());
    for (int[] dims : new int[][] {{}, {0}, {5}, {2, 0, 3}, {2, 3, 7}}) {
      ArrayShape shape = ArrayShape.of(type, dims);
      byte[] bytes = new byte[(int) shape.byteSize()];
      random.nextBytes(bytes);
      if (type == DType.PRED || type.bitWidth() < 8) {
        int unused = 32 - (type == DType.PRED ? 1 : type.bitWidth());
        for (int i = 0; i < bytes.length; i++) {
          int shifted = bytes[i] << unused;
          bytes[i] = (byte) (type.isSigned() ? shifted >> unused : shifted >>> unused);
        }
      }
      Literal literal = Literal.ofBytes(shape, bytes);
      assertEquals(literal, array(write(literal)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    // As XLA writes {-1, 2, 3}, {-1, 1, -2} and {3, 2, 1}: a byte each, the unused bits zero.
    "S4, 21, 0f0203, ff0203",
    "S2, 26, 030102, ff01fe",
    "U2, 27, 030201, 030201",
  })
  void narrowIntegersTakeTheLowBitsOfAByte(DType type, int field, String stored, String onTheHost) {
    byte[] host = HexFormat.of().parseHex(onTheHost);
    Literal literal = Literal.ofBytes(ArrayShape.of(type, 3), host);
    ProtoMessage message = ProtoMessage.parse(write(literal));
    assertEquals(field, message.fields.get(1).number());
    assertEquals(stored, HexFormat.of().formatHex(message.fields.get(1).payload()));
    assertEquals(literal, array(message.toBytes()));
  }

  @Test
  void negativeIntegersTakeTenBytes() {
    byte[] bytes = write(Literal.ofInts(Dims.of(2), -1, 1));
    assertEquals(
        "ffffffffffffffffff0101",
        HexFormat.of().formatHex(ProtoMessage.parse(bytes).fields.get(1).payload()));
  }

  @Test
  void aScalarHasAnEmptyLayout() {
    ProtoMessage shape =
        ProtoMessage.parse(
            ProtoMessage.parse(write(Literal.scalar(DType.F32, 1))).fields.get(0).payload());
    assertEquals("100b2a00", HexFormat.of().formatHex(shape.toBytes()));
  }

  @Test
  void otherLayoutsBecomeRowMajor() {
    // 2 x 3 x 2, the middle dimension most minor, then the first.
    int[] minorToMajor = {1, 0, 2};
    int[] dims = {2, 3, 2};
    float[] stored = new float[12];
    float[] expected = new float[12];
    int at = 0;
    for (int k = 0; k < 2; k++) {
      for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++) {
          stored[at] = at;
          expected[(i * 3 + j) * 2 + k] = at++;
        }
      }
    }
    ProtoMessage message = ProtoMessage.parse(write(Literal.ofFloats(Dims.of(dims), stored)));
    byte[] order = {(byte) minorToMajor[0], (byte) minorToMajor[1], (byte) minorToMajor[2]};
    message.edit(1, 0, shape -> shape.edit(5, 0, layout -> layout.set(1, order)));
    assertEquals(Literal.ofFloats(Dims.of(dims), expected), array(message.toBytes()));
  }

  @Test
  void elementsMayComeInPieces() {
    ProtoMessage message = ProtoMessage.parse(write(Literal.ofInts(Dims.of(4), 1, 2, 3, 4)));
    message.remove(4).add(4, 1).add(4, new byte[] {2, 3}).add(4, 4);
    assertEquals(Literal.ofInts(Dims.of(4), 1, 2, 3, 4), array(message.toBytes()));
  }

  @Test
  void theNumberOfElementsHasToBeRight() {
    for (DType type : DType.values()) {
      byte[] bytes = new byte[(int) ArrayShape.of(type, 3).byteSize()];
      ProtoMessage right =
          ProtoMessage.parse(write(Literal.ofBytes(ArrayShape.of(type, 3), bytes)));
      for (int size : new int[] {0, 2, 4, 127}) {
        ProtoMessage wrong = ProtoMessage.parse(right.toBytes());
        wrong.edit(1, 0, shape -> shape.set(3, new byte[] {(byte) size}));
        if (size != 0) {
          assertThrows(HloFormatException.class, () -> read(wrong.toBytes()), type.hloName());
        }
      }
    }
  }

  @Test
  void anElidedValueIsRefused() {
    ProtoMessage message = ProtoMessage.parse(write(Literal.ofFloats(Dims.of(2), 1, 2)));
    assertThrows(HloFormatException.class, () -> read(message.remove(8).toBytes()));
  }

  @Test
  void aHugeShapeAllocatesNothing() {
    ProtoMessage message = ProtoMessage.parse(write(Literal.ofFloats(Dims.of(2), 1, 2)));
    message.edit(1, 0, shape -> shape.set(3, ProtoMessage.encode(Integer.MAX_VALUE)));
    HloFormatException e = assertThrows(HloFormatException.class, () -> read(message.toBytes()));
    assertTrue(String.valueOf(e.getMessage()).contains("2147483647 elements"), e.getMessage());
  }

  @Test
  void aLayoutIsNeeded() {
    ProtoMessage message = ProtoMessage.parse(write(Literal.ofFloats(Dims.of(2), 1, 2)));
    message.edit(1, 0, shape -> shape.remove(5));
    assertThrows(HloFormatException.class, () -> read(message.toBytes()));
  }

  @Test
  void sparseAndDynamicLiteralsAreRefusedByName() {
    for (int field : new int[] {14, 34}) {
      ProtoMessage message = ProtoMessage.parse(write(Literal.ofFloats(Dims.of(2), 1, 2)));
      assertThrows(UnsupportedException.class, () -> read(message.add(field, 1).toBytes()));
    }
  }

  @Test
  void preds() {
    ProtoMessage message =
        ProtoMessage.parse(
            write(Literal.ofBytes(ArrayShape.of(DType.PRED, 3), new byte[] {1, 0, 1})));
    assertArrayEquals(new byte[] {1, 0, 1}, message.fields.get(1).payload());
    message.set(2, new byte[] {7, 0, 1});
    assertArrayEquals(
        new byte[] {1, 0, 1}, array(message.toBytes()).segment().toArray(ValueLayout.JAVA_BYTE));
  }
}
