package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.HloFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks over the fields of one protobuf message. Nested messages are views of the same memory, and
 * nothing is allocated before it is known to be there.
 *
 * <p>Source: Protocol Buffers, <a href="https://protobuf.dev/programming-guides/encoding/">wire
 * encoding</a>.
 */
final class WireReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  static final int FIXED32 = 5;

  /** Deeper messages are refused, as protobuf's own parsers do. */
  static final int MAX_DEPTH = 100;

  /** How often a message field may occur in pieces; each piece copies the ones before. */
  private static final int MAX_PIECES = 32;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment data;
  private final String message;
  private final int depth;
  private final int pieces;
  private long position;
  private int field;
  private int wire;

  private WireReader(MemorySegment data, String message, int depth, int pieces) {
    this.data = data;
    this.message = message;
    this.depth = depth;
    this.pieces = pieces;
  }

  /** Reads a whole buffer as one message; the name is for error texts. */
  static WireReader of(MemorySegment data, String message) {
    return new WireReader(data, message, 1, 1);
  }

  /** Returns a reader of the same message from its start. */
  WireReader again() {
    return new WireReader(data, message, depth, pieces);
  }

  /**
   * Returns a reader of both messages one after the other: how protobuf merges a message field that
   * occurs twice.
   *
   * @throws HloFormatException if this is already merged of too many
   */
  WireReader mergedWith(WireReader later) {
    if (pieces == MAX_PIECES) {
      throw new HloFormatException(
          "%s comes in more than %d pieces; it occurs once".formatted(message, MAX_PIECES));
    }
    byte[] both =
        Arrays.copyOf(
            data.toArray(ValueLayout.JAVA_BYTE), Math.toIntExact(byteSize() + later.byteSize()));
    MemorySegment target = MemorySegment.ofArray(both);
    MemorySegment.copy(later.data, 0, target, byteSize(), later.byteSize());
    return new WireReader(target, message, depth, pieces + 1);
  }

  long byteSize() {
    return data.byteSize();
  }

  /** Steps to the next field; false at the end. */
  boolean next() {
    if (position == data.byteSize()) {
      return false;
    }
    long tag = rawVarint();
    wire = (int) tag & 7;
    field = (int) (tag >>> 3);
    if (tag >>> 32 != 0 || field == 0) {
      throw broken("has the invalid tag " + Long.toUnsignedString(tag));
    }
    return true;
  }

  int field() {
    return field;
  }

  /** Returns the field's wire type. */
  int wire() {
    return wire;
  }

  /** Steps over the field's value. */
  void skip() {
    switch (wire) {
      case VARINT -> rawVarint();
      case FIXED64 -> advance(8);
      case LENGTH -> bytes();
      case FIXED32 -> advance(4);
      default -> throw broken("has wire type " + wire + "; groups are not part of proto3");
    }
  }

  long varint() {
    require(VARINT);
    return rawVarint();
  }

  boolean bool() {
    return varint() != 0;
  }

  /** Reads an {@code int32} or enum: the low 32 bits. */
  int int32() {
    return (int) varint();
  }

  float fixed32() {
    require(FIXED32);
    return Float.intBitsToFloat(data.get(INT, advance(4)));
  }

  MemorySegment bytes() {
    require(LENGTH);
    long length = rawVarint();
    if (length < 0 || length > data.byteSize() - position) {
      throw broken(
          "says that %s bytes follow where %d are left"
              .formatted(Long.toUnsignedString(length), data.byteSize() - position));
    }
    return data.asSlice(advance(length), length);
  }

  WireReader message(String name) {
    if (depth == MAX_DEPTH) {
      throw broken("is nested deeper than " + MAX_DEPTH + " messages");
    }
    return new WireReader(bytes(), name, depth + 1, 1);
  }

  /** Reads text, which has to be valid UTF-8. */
  String string() {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes().asByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw broken("is no valid UTF-8");
    }
  }

  /** Reads bytes as text, one character a byte. */
  String latin1() {
    return new String(bytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
  }

  /** Receives the numbers of a repeated field. */
  interface Sink {
    void add(long bits);
  }

  /** Reads repeated varints into a list, packed or one at a time. */
  void varints(Numbers64 list) {
    if (wire != LENGTH) {
      list.add(varint());
      return;
    }
    WireReader packed = new WireReader(bytes(), message, depth, 1);
    while (packed.position < packed.data.byteSize()) {
      list.add(packed.rawVarint());
    }
  }

  /** Reads repeated varints, packed or one at a time. */
  void varints(Sink sink) {
    if (wire != LENGTH) {
      sink.add(varint());
      return;
    }
    WireReader packed = new WireReader(bytes(), message, depth, 1);
    while (packed.position < packed.data.byteSize()) {
      sink.add(packed.rawVarint());
    }
  }

  /** Reads repeated 4-byte or 8-byte numbers, packed or one at a time. */
  void fixed(int size, Sink sink) {
    if (wire != LENGTH) {
      require(size == 4 ? FIXED32 : FIXED64);
      sink.add(rawFixed(size));
      return;
    }
    WireReader packed = new WireReader(bytes(), message, depth, 1);
    if (packed.byteSize() % size != 0) {
      throw broken("packs numbers of %d bytes in %d".formatted(size, packed.byteSize()));
    }
    while (packed.position < packed.data.byteSize()) {
      sink.add(packed.rawFixed(size));
    }
  }

  private long rawFixed(int size) {
    return size == 4 ? data.get(INT, advance(4)) & 0xFFFF_FFFFL : data.get(LONG, advance(8));
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = data.get(ValueLayout.JAVA_BYTE, advance(1));
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw broken("has a number longer than 10 bytes");
  }

  private long advance(long length) {
    long at = position;
    if (length > data.byteSize() - at) {
      throw broken("ends in the middle of a value");
    }
    position = at + length;
    return at;
  }

  private void require(int expected) {
    if (wire != expected) {
      throw broken("has wire type %d where %d is expected".formatted(wire, expected));
    }
  }

  /** Makes a complaint about the present field. */
  HloFormatException broken(String why) {
    return new HloFormatException(
        "%s, field %d, byte %d: %s".formatted(message, field, position, why));
  }
}
