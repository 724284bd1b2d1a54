package io.lazytensor.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from IDX files, and what is said about files that are none. */
class IdxTest {
  private static final byte[] PIXELS = {1, 2, 3, 4, 5, -1};

  private static Idx read(byte[] file) throws IOException {
    return Idx.read(new ByteArrayInputStream(file), "some-file", 3);
  }

  private static void assertRefused(byte[] file, String... parts) {
    String message =
        String.valueOf(assertThrows(DataException.class, () -> read(file)).getMessage());
    assertTrue(message.contains("some-file"), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  private static byte[] bytes(byte[] data, int... dims) {
    ByteBuffer out = ByteBuffer.allocate(4 + 4 * dims.length + data.length);
    out.putInt(0x0800 | dims.length);
    for (int dim : dims) {
      out.putInt(dim);
    }
    return out.put(data).array();
  }

  private static byte[] gzipped(byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(data);
    }
    return out.toByteArray();
  }

  private static byte[] plain() {
    return bytes(PIXELS, 1, 2, 3);
  }

  @Test
  void plainFileIsRead() throws IOException {
    Idx idx = read(plain());
    assertArrayEquals(new int[] {1, 2, 3}, idx.dims());
    assertArrayEquals(PIXELS, idx.data());
  }

  @Test
  void gzippedFileIsReadWithoutBeingNamedSo() throws IOException {
    assertArrayEquals(PIXELS, read(gzipped(plain())).data());
  }

  @Test
  void fileOfAnotherRankIsRefusedWithBothMagicNumbers() {
    assertRefused(bytes(PIXELS, 6), "0x00000801", "0x00000803");
  }

  @Test
  void fileOfAnotherFormatIsRefused() {
    assertRefused(
        "<!doctype html>".getBytes(java.nio.charset.StandardCharsets.UTF_8), "0x3c21646f");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 9, 15})
  void fileThatEndsInItsHeaderIsRefused(int length) {
    assertRefused(Arrays.copyOf(plain(), length), "ends early");
  }

  @Test
  void fileThatEndsInItsDataIsRefusedWithBothLengths() {
    byte[] whole = plain();
    assertRefused(Arrays.copyOf(whole, whole.length - 2), "[1, 2, 3]", "6 bytes", "has 4");
  }

  @Test
  void fileThatGoesOnAfterItsDataIsRefused() {
    byte[] whole = plain();
    assertRefused(Arrays.copyOf(whole, whole.length + 1), "6 bytes", "more");
  }

  @Test
  void gzipThatEndsEarlyIsRefusedWhereverItEnds() throws IOException {
    byte[] whole = gzipped(plain());
    for (int length = 2; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length), "ends early");
    }
  }

  @Test
  void gzipWithAWrongChecksumIsRefused() throws IOException {
    byte[] file = gzipped(plain());
    file[file.length - 8] ^= 1;
    assertRefused(file, "is damaged");
  }

  @Test
  void impossibleSizesAreRefusedBeforeMemoryIsTaken() {
    assertRefused(bytes(PIXELS, 1 << 20, 1 << 20, 1 << 20), "impossible size");
    assertRefused(bytes(PIXELS, -1, 2, 3), "impossible size", "-1");
    assertRefused(bytes(PIXELS, Integer.MIN_VALUE, Integer.MIN_VALUE, 2), "impossible");
  }

  @Test
  void messageSaysWhatToDo() {
    assertRefused(new byte[0], "Get the file again");
  }

  @Test
  void recordsAreTheRowsOfTheFirstDimension() throws IOException {
    Idx idx = read(bytes(PIXELS, 2, 1, 3));
    assertArrayEquals(new byte[] {4, 5, -1}, idx.rows().get(1));
  }
}
