package io.lazytensor.checkpoint;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle that is being written. */
final class PickleOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final boolean wideIntegers;

  /**
   * Starts a pickle.
   *
   * @param wideIntegers whether integers above 32 bits take 8 bytes, as C++ wants it
   */
  PickleOutput(boolean wideIntegers) {
    this.wideIntegers = wideIntegers;
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  void op(int value) {
    bytes.write(value);
  }

  private void littleEndian(long value, int count) {
    for (int i = 0; i < count; i++) {
      bytes.write((int) (value >>> (Byte.SIZE * i)));
    }
  }

  /** Writes an opcode with an index of one byte, or another one with an index of four. */
  void indexed(int shortOpcode, int longOpcode, int index) {
    if (index < 256) {
      op(shortOpcode);
      op(index);
    } else {
      op(longOpcode);
      littleEndian(index, 4);
    }
  }

  void integer(BigInteger number) {
    if (number.bitLength() >= Integer.SIZE) {
      bigInteger(number);
      return;
    }
    int value = number.intValue();
    if (value >= 0 && value < 1 << 8) {
      op(Opcode.BININT1);
      op(value);
    } else if (value >= 0 && value < 1 << 16) {
      op(Opcode.BININT2);
      littleEndian(value, 2);
    } else {
      op(Opcode.BININT);
      littleEndian(value, 4);
    }
  }

  private void bigInteger(BigInteger number) {
    if (wideIntegers) {
      op(Opcode.LONG1);
      op(Long.BYTES);
      littleEndian(number.longValueExact(), Long.BYTES);
      return;
    }
    byte[] digits = number.toByteArray();
    if (digits.length < 256) {
      op(Opcode.LONG1);
      op(digits.length);
    } else {
      op(Opcode.LONG4);
      littleEndian(digits.length, 4);
    }
    for (int i = digits.length - 1; i >= 0; i--) {
      op(digits[i]);
    }
  }

  void real(double number) {
    op(Opcode.BINFLOAT);
    bytes.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
  }

  void text(String text) {
    ByteBuffer encoded;
    try {
      encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw new CheckpointException("a string to save has half of a surrogate pair", e);
    }
    op(Opcode.BINUNICODE);
    littleEndian(encoded.remaining(), 4);
    bytes.write(encoded.array(), encoded.position(), encoded.remaining());
  }

  void global(String module, String name) {
    op(Opcode.GLOBAL);
    bytes.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
