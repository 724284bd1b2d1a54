package io.lazytensor.xla.npy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.Literal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrays as NumPy reads and writes them; format: {@code numpy/lib/format.py}. */
class NpyFileTest {
  private static final ArrayShape SIX_FLOATS = ArrayShape.of(DType.F32, 2, 3);

  @TempDir Path folder;

  /** A file with a header of a version, spelled out. */
  private static byte[] file(int major, String dictionary, byte... elements) {
    byte[] text = dictionary.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(NpyHeader.MAGIC);
    out.write(major);
    out.write(0);
    out.write(text.length);
    out.write(text.length >>> 8);
    if (major > 1) {
      out.write(text.length >>> 16);
      out.write(text.length >>> 24);
    }
    out.writeBytes(text);
    out.writeBytes(elements);
    return out.toByteArray();
  }

  private static String dictionary(String descriptor, String shape) {
    return "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n".formatted(descriptor, shape);
  }

  private static String refusal(byte[] content, ArrayShape expected) {
    return String.valueOf(
        assertThrows(NpyException.class, () -> NpyFile.parse(content, "in_0.npy", expected))
            .getMessage());
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyTypeComesBackBitByBit(DType type) throws IOException {
    ArrayShape shape = ArrayShape.of(type, 3, 2);
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (type == DType.PRED || type.bitWidth() == 2 ? i & 1 : i & 7);
    }
    Literal array = Literal.ofBytes(shape, bytes);
    Path path = folder.resolve("a.npy");
    NpyFile.write(path, array);
    assertEquals(array, NpyFile.read(path, shape));
    if (NpyFile.isNative(type)) {
      assertEquals(array, NpyFile.read(path));
    }
  }

  @Test
  void scalarsAndEmptyArraysComeBack() throws IOException {
    for (ArrayShape shape :
        new ArrayShape[] {ArrayShape.of(DType.S64), ArrayShape.of(DType.F16, 4, 0)}) {
      Literal array = Literal.ofBytes(shape, new byte[Math.toIntExact(shape.byteSize())]);
      Path path = folder.resolve("a.npy");
      NpyFile.write(path, array);
      assertEquals(array, NpyFile.read(path));
    }
  }

  @Test
  void headerIsNumPysOwn() {
    byte[] header = NpyFile.header(SIX_FLOATS);
    assertEquals(128, header.length);
    String text = new String(header, 10, header.length - 10, StandardCharsets.US_ASCII);
    assertEquals("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", text.strip());
    String one =
        new String(NpyFile.header(ArrayShape.of(DType.PRED, 5)), StandardCharsets.ISO_8859_1);
    assertTrue(one.contains("'|b1'") && one.contains("(5,)"), one);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyVersionIsRead(int version) {
    byte[] content =
        file(version, dictionary("<i2", "(2,)"), (byte) 1, (byte) 0, (byte) 2, (byte) 0);
    Literal array = NpyFile.parse(content, "a.npy", ArrayShape.of(DType.S16, 2));
    assertEquals(1, array.bits(0));
    assertEquals(2, array.bits(1));
  }

  @Test
  void columnMajorArraysAreReordered() {
    byte[] content =
        file(
            1,
            "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}",
            new byte[] {0, 10, 1, 11, 2, 12});
    Literal array = NpyFile.parse(content, "a.npy", ArrayShape.of(DType.U8, 2, 3));
    assertEquals(Literal.ofBytes(array.shape(), new byte[] {0, 1, 2, 10, 11, 12}), array);
  }

  @Test
  void entriesMayComeInAnyOrderAndSpelling() {
    byte[] content =
        file(1, "{\"shape\":(1L,),'fortran_order' : False , 'descr':\"<u1\"}", (byte) 9);
    assertEquals(9, NpyFile.parse(content, "a.npy", ArrayShape.of(DType.U8, 1)).bits(0));
  }

  @Test
  void rawBytesOfExtensionTypesAreRead() {
    byte[] content = file(1, dictionary("|V2", "()"), (byte) 0x80, (byte) 0x3F);
    assertEquals(0x3F80, NpyFile.parse(content, "a.npy", ArrayShape.of(DType.BF16)).bits(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "<f8|(2, 3)|expected f32 stored as '<f4', got '<f8'",
        ">f4|(2, 3)|big-endian is not read",
        "<f4|(3, 2)|expected the shape [2,3], got [3,2]",
        "<f4|(2, 3, 1)|expected the shape [2,3], got [2,3,1]",
        "<f4|(2, -3)|a dimension is no number",
        "<f4|(2, 99999999999)|larger than 2147483647",
        "<f4|[2, 3]|expected '('",
        "<f4|(2, 3), 'shape': (2, 3)|comes twice",
        "<f4|(2, 3)} {|something follows",
      })
  void wrongHeadersAreRefused(String descriptor, String shape, String expected) {
    String message = refusal(file(1, dictionary(descriptor, shape), new byte[24]), SIX_FLOATS);
    assertTrue(message.startsWith("in_0.npy: ") && message.contains(expected), message);
  }

  @Test
  void recordsAreRefused() {
    String dictionary = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3)}";
    assertTrue(
        refusal(file(1, dictionary, new byte[24]), SIX_FLOATS).contains("only plain arrays"));
    String incomplete = "{'descr': '<f4', 'shape': (2, 3)}";
    assertTrue(refusal(file(1, incomplete, new byte[24]), SIX_FLOATS).contains("lacks one of"));
  }

  @Test
  void otherFilesAndVersionsAreRefused() {
    assertTrue(
        refusal("PK\3\4 something".getBytes(StandardCharsets.US_ASCII), SIX_FLOATS)
            .contains("no .npy file"));
    assertTrue(refusal(file(4, "{}"), SIX_FLOATS).contains("version 4.0"));
    assertTrue(refusal(new byte[0], SIX_FLOATS).contains("ends after 0 bytes"));
  }

  @Test
  void fileOfAnotherLengthIsRefused() {
    String few = refusal(file(1, dictionary("<f4", "(2, 3)"), new byte[23]), SIX_FLOATS);
    assertTrue(few.contains("take 24 bytes, the file has 23"), few);
    String many = refusal(file(1, dictionary("<f4", "(2, 3)"), new byte[25]), SIX_FLOATS);
    assertTrue(many.contains("take 24 bytes, the file has 25"), many);
  }

  @Test
  void hostileLengthsAllocateNothing() throws IOException {
    byte[] longHeader = file(2, "x");
    longHeader[10] = longHeader[11] = (byte) 0xFF;
    assertTrue(refusal(longHeader, SIX_FLOATS).contains("at most 65536"));
    Path path = folder.resolve("huge.npy");
    Files.write(path, file(1, dictionary("<f8", "(2000000000,)")));
    String huge =
        String.valueOf(assertThrows(NpyException.class, () -> NpyFile.read(path)).getMessage());
    assertTrue(huge.contains("the file has 0"), huge);
    Files.write(path, file(1, dictionary("<f8", "(1073741824, 1073741824, 2)")));
    assertTrue(
        String.valueOf(assertThrows(NpyException.class, () -> NpyFile.read(path)).getMessage())
            .contains("too many elements"));
  }

  @Test
  void elementsBeyondTheirTypeAreRefused() {
    assertTrue(
        refusal(
                file(1, dictionary("|b1", "(2,)"), (byte) 0, (byte) 2),
                ArrayShape.of(DType.PRED, 2))
            .contains("element 1 is 2; pred holds 0 to 1"));
    assertTrue(
        refusal(file(1, dictionary("|i1", "(1,)"), (byte) 8), ArrayShape.of(DType.S4, 1))
            .contains("s4 holds -8 to 7"));
    assertTrue(
        refusal(file(1, dictionary("|u1", "(1,)"), (byte) 200), ArrayShape.of(DType.U4, 1))
            .contains("element 0 is 200; u4 holds 0 to 15"));
  }

  @Test
  void typesHloLacksAreRefused() throws IOException {
    Path path = folder.resolve("text.npy");
    Files.write(path, file(1, dictionary("<U3", "(0,)")));
    assertTrue(
        String.valueOf(assertThrows(NpyException.class, () -> NpyFile.read(path)).getMessage())
            .contains("'<U3' is no element type"));
  }

  @Test
  void damagedFilesAreRefusedOrRead() {
    byte[] whole = file(1, dictionary("<f4", "(2, 3)"), new byte[24]);
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged =
          random.nextBoolean() ? whole.clone() : Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int k = random.nextInt(3); k >= 0 && damaged.length > 0; k--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        assertEquals(SIX_FLOATS, NpyFile.parse(damaged, "a.npy", SIX_FLOATS).shape());
      } catch (LazyTensorException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("a.npy: "), e.toString());
      }
    }
  }

  @Test
  void headersRoundTrip() {
    NpyHeader header = new NpyHeader("<c8", true, Dims.of(1, 2, 3));
    byte[] bytes = header.encode();
    String text =
        new String(Arrays.copyOfRange(bytes, 10, bytes.length), StandardCharsets.US_ASCII);
    assertEquals(header, DictionaryParser.parse(text, "a.npy"));
    assertArrayEquals(bytes, DictionaryParser.parse(text, "a.npy").encode());
  }
}
