package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a pickle. No length it declares is used before the bytes are known to be there, and
 * of a file no more is copied than the pickle takes.
 */
final class PickleInput {
  private static final int MAX_STRING = 1 << 26;
  private static final int MAX_LINE = 512;
  private static final int MAX_INTEGER = 4096;
  private static final int FIRST_WINDOW = 1 << 12;

  private final MemorySegment source;
  private final int size;
  private byte[] bytes;
  private int at;

  PickleInput(byte[] bytes) {
    this.source = MemorySegment.ofArray(bytes);
    this.size = bytes.length;
    this.bytes = bytes;
  }

  /** Reads a pickle at the beginning of memory in which other things follow it. */
  PickleInput(MemorySegment source) {
    this.source = source;
    this.size = (int) Math.min(source.byteSize(), Unpickler.MAX_BYTES);
    this.bytes = source.asSlice(0, Math.min(size, FIRST_WINDOW)).toArray(ValueLayout.JAVA_BYTE);
  }

  int position() {
    return at;
  }

  int remaining() {
    return size - at;
  }

  int u8() {
    require(1);
    return Byte.toUnsignedInt(bytes[at++]);
  }

  int u16() {
    return take(2).getShort() & 0xffff;
  }

  int i32() {
    return take(4).getInt();
  }

  double bigEndianDouble() {
    return take(8).order(ByteOrder.BIG_ENDIAN).getDouble();
  }

  /** Reads a length of 4 bytes. */
  int length() {
    int length = i32();
    if (length < 0) {
      throw new CheckpointException(
          "the pickle declares a length of " + Integer.toUnsignedLong(length) + " at " + at);
    }
    return length;
  }

  /** Reads a length of 8 bytes. */
  int longLength() {
    long length = take(8).getLong();
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw new CheckpointException(
          "the pickle declares a length of " + Long.toUnsignedString(length) + " at " + at);
    }
    return (int) length;
  }

  void skip(int count) {
    require(count);
    at += count;
  }

  private void require(int count) {
    if (count > remaining()) {
      throw new CheckpointException(
          "the pickle ends at %d, where %d more bytes are wanted".formatted(size, count));
    }
    if (count > bytes.length - at) {
      long wanted = Math.max((long) at + count, 2L * bytes.length);
      bytes = source.asSlice(0, Math.min(size, wanted)).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private ByteBuffer take(int count) {
    require(count);
    ByteBuffer taken = ByteBuffer.wrap(bytes, at, count).order(ByteOrder.LITTLE_ENDIAN);
    at += count;
    return taken;
  }

  String utf8(int length) {
    if (length > MAX_STRING) {
      throw new CheckpointException("a string in the pickle has " + length + " bytes");
    }
    return LittleEndian.utf8(take(length), "a string in the pickle");
  }

  String latin1(int length) {
    return StandardCharsets.ISO_8859_1.decode(take(length)).toString();
  }

  byte[] raw(int length) {
    require(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** Reads a little-endian two's complement integer of so many bytes. */
  BigInteger integer(int length) {
    if (length > MAX_INTEGER) {
      throw new CheckpointException("an integer in the pickle has " + length + " bytes");
    }
    byte[] digits = raw(length);
    for (int i = 0, j = digits.length - 1; i < j; i++, j--) {
      byte low = digits[i];
      digits[i] = digits[j];
      digits[j] = low;
    }
    return digits.length == 0 ? BigInteger.ZERO : new BigInteger(digits);
  }

  /** Reads text up to the end of the line. */
  String line() {
    int start = at;
    while (u8() != '\n') {
      if (at - start > MAX_LINE) {
        throw new CheckpointException(
            "a name in the pickle at " + start + " is longer than " + MAX_LINE + " bytes");
      }
    }
    return LittleEndian.utf8(ByteBuffer.wrap(bytes, start, at - 1 - start), "a name");
  }
}
