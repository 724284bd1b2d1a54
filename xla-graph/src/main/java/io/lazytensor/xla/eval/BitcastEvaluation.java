package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reinterpretation of bits. Elements follow one another without gaps, from the low bits to the high
 * ones, so that types of other widths, even less than a byte, cut them elsewhere.
 */
final class BitcastEvaluation {
  private BitcastEvaluation() {}

  static ArrayValue bitcast(ArrayShape to, ArrayValue x) {
    byte[] bytes = x.literal().segment().toArray(ValueLayout.JAVA_BYTE);
    byte[] packed = pack(x.dtype(), bytes);
    return ArrayValue.of(Literal.ofSegment(to, MemorySegment.ofArray(unpack(to, packed))));
  }

  private static byte[] pack(DType type, byte[] bytes) {
    int width = type.bitWidth();
    if (width >= Byte.SIZE) {
      return bytes;
    }
    int perByte = Byte.SIZE / width;
    byte[] out = new byte[(bytes.length + perByte - 1) / perByte];
    for (int i = 0; i < bytes.length; i++) {
      int low = bytes[i] & ((1 << width) - 1);
      out[i / perByte] |= (byte) (low << (i % perByte * width));
    }
    return out;
  }

  private static byte[] unpack(ArrayShape shape, byte[] packed) {
    int width = shape.dtype().bitWidth();
    if (width >= Byte.SIZE) {
      return packed;
    }
    int perByte = Byte.SIZE / width;
    byte[] out = new byte[Math.toIntExact(shape.elementCount())];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (packed[i / perByte] >> (i % perByte * width));
    }
    return out;
  }
}
