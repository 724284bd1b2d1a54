package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Numbers and text in a file. */
final class LittleEndian {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  static int u16(MemorySegment bytes, long at) {
    return Short.toUnsignedInt(bytes.get(SHORT, at));
  }

  static long u32(MemorySegment bytes, long at) {
    return Integer.toUnsignedLong(bytes.get(INT, at));
  }

  /** Reads an unsigned 64-bit number; what does not fit into 63 bits is refused. */
  static long u63(MemorySegment bytes, long at, String what) {
    long value = bytes.get(LONG, at);
    if (value < 0) {
      throw new CheckpointException(
          what + " is " + Long.toUnsignedString(value) + ", which no file has");
    }
    return value;
  }

  static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  static String utf8(ByteBuffer bytes, String what) {
    // Nearly all names are ASCII, and a large checkpoint has tens of thousands.
    if (bytes.hasArray() && isAscii(bytes)) {
      int start = bytes.arrayOffset() + bytes.position();
      return new String(bytes.array(), start, bytes.remaining(), StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(bytes)
          .toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(what + " is not valid UTF-8", e);
    }
  }

  private static boolean isAscii(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if (bytes.get(i) < 0) {
        return false;
      }
    }
    return true;
  }

  static String utf8(MemorySegment bytes, String what) {
    return utf8(ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE)), what);
  }
}
