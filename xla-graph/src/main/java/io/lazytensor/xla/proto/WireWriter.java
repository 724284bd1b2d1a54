package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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

  /**
   * Begins a nested message, or a packed field; what is written up to {@link #end} is its body.
   *
   * @return where it begins
   */
  int begin(int field) {
    tag(field, WireReader.LENGTH);
    // One byte holds most lengths; for a longer one the end moves the body.
    rawByte(0);
    return size;
  }

  /** Ends what began there, and puts its length in front. */
  void end(int start) {
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

  /** Writes a packed repeated field of varints; nothing if there are none. */
  void packed(int field, Dims values) {
    if (!values.isEmpty()) {
      int packed = begin(field);
      for (int i = 0; i < values.size(); i++) {
        rawVarint(values.get(i));
      }
      end(packed);
    }
  }

  /** Writes a packed repeated field of varints; nothing if there are none. */
  void packed(int field, int[] values) {
    if (values.length > 0) {
      int packed = begin(field);
      for (int value : values) {
        rawVarint(value);
      }
      end(packed);
    }
  }

  private void tag(int field, int wire) {
    rawVarint((long) field << 3 | wire);
  }

  /** Writes a number of a packed field that has begun. */
  void rawVarint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      rawByte(((int) rest & 0x7F) | 0x80);
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
