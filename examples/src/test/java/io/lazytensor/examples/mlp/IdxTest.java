package io.lazytensor.examples.mlp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
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

  private static byte[] plain() {
    return IdxFiles.bytes(PIXELS, 1, 2, 3);
  }

  @Test
  void plainFileIsRead() throws IOException {
    Idx idx = read(plain());
    assertArrayEquals(new int[] {1, 2, 3}, idx.dims());
    assertArrayEquals(PIXELS, idx.data());
  }

  @Test
  void gzippedFileIsReadWithoutBeingNamedSo() throws IOException {
    assertArrayEquals(PIXELS, read(IdxFiles.gzipped(plain())).data());
  }

  @Test
  void fileOfAnotherRankIsRefusedWithBothMagicNumbers() {
    assertRefused(IdxFiles.bytes(PIXELS, 6), "0x00000801", "0x00000803");
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
    byte[] whole = IdxFiles.gzipped(plain());
    for (int length = 2; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length), "ends early");
    }
  }

  @Test
  void gzipWithAWrongChecksumIsRefused() throws IOException {
    byte[] file = IdxFiles.gzipped(plain());
    file[file.length - 8] ^= 1;
    assertRefused(file, "is damaged");
  }

  @Test
  void impossibleSizesAreRefusedBeforeMemoryIsTaken() {
    assertRefused(IdxFiles.bytes(PIXELS, 1 << 20, 1 << 20, 1 << 20), "impossible size");
    assertRefused(IdxFiles.bytes(PIXELS, -1, 2, 3), "impossible size", "-1");
    assertRefused(IdxFiles.bytes(PIXELS, Integer.MIN_VALUE, Integer.MIN_VALUE, 2), "impossible");
  }

  @Test
  void messageSaysWhatToDo() {
    assertRefused(new byte[0], "Install the files again");
  }
}
