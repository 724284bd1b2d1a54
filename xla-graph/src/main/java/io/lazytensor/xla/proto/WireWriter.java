package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/**
 * Builds a protobuf message. Numbers and texts that are zero or empty are left out, as proto3 does.
 *
 * <p>Source: Protocol Buffers, <a href="https://protobuf.dev/programming-guides/encoding/">wire
 * encoding</a>.
 */
final class WireWriter {
  private byte[] buffer = new byte[256];
  private int size;

  byte[] toByteArray() {
    return Arrays.copyOf(buffer, size);
  }

  void varint(int field, long value) {
    if (value != 0) {
      tag(field, WireReader.VARINT);
      rawVarint(value);
    }
  }

  void bool(int field, boolean value) {
    varint(field, value ? 1 : 0);
  }

  void fixed32(int field, float value) {
    int bits = Float.floatToRawIntBits(value);
    if (bits != 0) {
      tag(field, WireReader.FIXED32);
      for (int shift = 0; shift < 32; shift += 8) {
        rawByte(bits >>> shift);
      }
    }
  }

  void string(int field, String text) {
    if (!text.isEmpty()) {
      repeatedString(field, text);
    }
  }

  /** Writes one text of a repeated field, which may be empty. */
  void repeatedString(int field, String text) {
    rawBytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes characters as bytes, one a character. */
  void latin1(int field, String text) {
    if (!text.isEmpty()) {
      rawBytes(field, text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private void rawBytes(int field, byte[] bytes) {
    bytes(field, MemorySegment.ofArray(bytes));
  }

  /** Writes bytes, even if there are none. */
  void bytes(int field, MemorySegment bytes) {
    tag(field, WireReader.LENGTH);
    rawVarint(bytes.byteSize());
    reserve(bytes.byteSize());
    MemorySegment.copy(
        bytes, ValueLayout.JAVA_BYTE, 0, buffer, size, Math.toIntExact(bytes.byteSize()));
    size += Math.toIntExact(bytes.byteSize());
  }

  /** Writes a nested message, even if it is empty. */
  void message(int field, Consumer<WireWriter> body) {
    tag(field, WireReader.LENGTH);
    delimited(() -> body.accept(this));
  }

  void packed(int field, Dims values) {
    packed(field, values.size(), i -> values.get((int) i));
  }

  /** Writes a packed repeated field of varints; nothing if there are none. */
  void packed(int field, long count, LongUnaryOperator values) {
    if (count == 0) {
      return;
    }
    tag(field, WireReader.LENGTH);
    delimited(() -> {
      for (long i = 0; i < count; i++) {
        rawVarint(values.applyAsLong(i));
      }
    });
  }

  /** Writes a body and puts its length in front. */
  private void delimited(Runnable body) {
    // One byte holds most lengths; a longer one moves the body.
    rawByte(0);
    int start = size;
    body.run();
    int length = size - start;
    int extra = varintSize(length) - 1;
    if (extra > 0) {
      reserve(extra);
      System.arraycopy(buffer, start, buffer, start + extra, length);
    }
    size = start - 1;
    rawVarint(length);
    size += length;
  }

  private void tag(int field, int wire) {
    rawVarint((long) field << 3 | wire);
  }

  private void rawVarint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      rawByte((int) rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    rawByte((int) rest);
  }

  private static int varintSize(long value) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
  }

  private void rawByte(int value) {
    reserve(1);
    buffer[size++] = (byte) value;
  }

  private void reserve(long more) {
    long needed = size + more;
    if (needed > buffer.length) {
      if (needed > Integer.MAX_VALUE - 16) {
        throw new UnsupportedException(
            "a serialized module holds at most 2 GiB; pass large constants as parameters");
      }
      long grown = Math.max(needed, Math.min(buffer.length * 2L, Integer.MAX_VALUE - 16));
      buffer = Arrays.copyOf(buffer, (int) grown);
    }
  }
}
