package io.lazytensor.xla.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloFormatException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireTest {
  private static WireReader reader(String hex) {
    return WireReader.of(MemorySegment.ofArray(HexFormat.of().parseHex(hex)), "Test");
  }

  private static String hex(WireWriter out) {
    return HexFormat.of().formatHex(out.toByteArray());
  }

  @Property
  void numbersComeBack(@ForAll long value, @ForAll List<Long> more) {
    WireWriter out = new WireWriter();
    out.varint(3, value);
    int message = out.begin(7);
    int packed = out.begin(16);
    more.forEach(out::rawVarint);
    out.end(packed);
    out.end(message);
    WireReader in = WireReader.of(MemorySegment.ofArray(out.toByteArray()), "Test");
    if (value != 0) {
      assertTrue(in.next());
      assertEquals(3, in.field());
      assertEquals(value, in.varint());
    }
    assertTrue(in.next());
    WireReader inner = in.message("Inner");
    List<Long> read = new ArrayList<>();
    while (inner.next()) {
      inner.varints((WireReader.Sink) read::add);
    }
    assertEquals(more, read);
    assertFalse(in.next());
  }

  @Test
  void aNegativeNumberTakesTenBytes() {
    WireWriter out = new WireWriter();
    out.varint(1, -1);
    assertEquals("08ffffffffffffffffff01", hex(out));
  }

  @Test
  void aLongBodyMovesForItsLength() {
    WireWriter out = new WireWriter();
    int message = out.begin(1);
    out.string(2, "x".repeat(300));
    out.end(message);
    assertTrue(hex(out).startsWith("0aaf0212ac0278787878"), hex(out));
    assertEquals(3 + 3 + 300, out.toByteArray().length);
  }

  @Test
  void zerosAndEmptyTextsAreLeftOut() {
    WireWriter out = new WireWriter();
    out.varint(1, 0);
    out.string(2, "");
    out.fixed32(3, 0f);
    out.packed(4, Dims.of());
    assertEquals("", hex(out));
    out.fixed32(3, -0f);
    assertEquals("1d00000080", hex(out));
  }

  @Test
  void packedAndSingleNumbersAreTheSameField() {
    WireReader in = reader("0a020102" + "0803" + "0d01000000" + "0a0402000000");
    List<Long> read = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      assertTrue(in.next());
      in.varints((WireReader.Sink) read::add);
    }
    assertEquals(List.of(1L, 2L, 3L), read);
    read.clear();
    for (int i = 0; i < 2; i++) {
      assertTrue(in.next());
      in.fixed(4, read::add);
    }
    assertEquals(List.of(1L, 2L), read);
  }

  @ParameterizedTest
  @CsvSource({
    "0a05616263, that 5 bytes follow where 3 are left",
    "0affffffffffffffffff01, bytes follow where",
    "08ff, ends in the middle",
    "08ffffffffffffffffffffff01, longer than 10 bytes",
    "0d0000, ends in the middle",
    "0900000000, ends in the middle",
    "0b, wire type 3",
    "0e, wire type 6",
    "0001, invalid tag",
    "ffffffffffff01, invalid tag",
  })
  void brokenBytesAreRefused(String hex, String why) {
    WireReader in = reader(hex);
    HloFormatException e =
        assertThrows(
            HloFormatException.class,
            () -> {
              while (in.next()) {
                in.skip();
              }
            });
    assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
  }

  @Test
  void aValueOfAnotherTypeIsRefused() {
    WireReader in = reader("0a0100");
    assertTrue(in.next());
    assertThrows(HloFormatException.class, in::varint);
    assertThrows(HloFormatException.class, in::fixed32);
  }

  @Test
  void textHasToBeUtf8() {
    WireReader in = reader("0a02c328");
    assertTrue(in.next());
    assertThrows(HloFormatException.class, in::string);
  }

  @Test
  void nestingIsBounded() {
    WireWriter out = new WireWriter();
    nest(out, 150);
    HloFormatException e =
        assertThrows(
            HloFormatException.class,
            () -> {
              WireReader in = WireReader.of(MemorySegment.ofArray(out.toByteArray()), "Test");
              while (in.next()) {
                in = in.message("Test");
              }
            });
    assertTrue(String.valueOf(e.getMessage()).contains("deeper than 100"), e.getMessage());
  }

  private static void nest(WireWriter out, int levels) {
    if (levels > 0) {
      int message = out.begin(1);
      nest(out, levels - 1);
      out.end(message);
    }
  }

  @Test
  void aMessageInTwoPiecesIsOne() {
    WireReader in = reader("0a0208010a021002");
    assertTrue(in.next());
    WireReader first = in.message("Test");
    assertTrue(in.next());
    WireReader both = first.mergedWith(in.message("Test"));
    assertTrue(both.next());
    assertEquals(1, both.varint());
    assertTrue(both.next());
    assertEquals(2, both.field());
    assertEquals(2, both.varint());
  }

  /** Merging piece by piece would copy the square of the input. */
  @Test
  void messageInManyPiecesIsRefused() {
    WireReader in = reader("0a020801".repeat(40));
    assertTrue(in.next());
    WireReader merged = in.message("Inner");
    HloFormatException e =
        assertThrows(
            HloFormatException.class,
            () -> {
              WireReader all = merged;
              while (in.next()) {
                all = all.mergedWith(in.message("Inner"));
              }
            });
    assertTrue(String.valueOf(e.getMessage()).contains("Inner comes in more than 32 pieces"));
  }
}
