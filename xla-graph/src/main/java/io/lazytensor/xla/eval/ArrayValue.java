package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import java.lang.foreign.MemorySegment;

/**
 * An array while it is evaluated: floating-point elements as {@code double}s that their type can
 * represent, integers and truth values as {@code long}s, extended by their sign if they have one.
 */
final class ArrayValue {
  private final ArrayShape shape;
  private final double[] floats;
  private final long[] integers;

  private ArrayValue(ArrayShape shape, double[] floats, long[] integers) {
    this.shape = shape;
    this.floats = floats;
    this.integers = integers;
  }

  static ArrayValue zeros(ArrayShape shape) {
    int count = Math.toIntExact(shape.elementCount());
    boolean floating = shape.dtype().isFloating();
    return new ArrayValue(shape, new double[floating ? count : 0], new long[floating ? 0 : count]);
  }

  static ArrayValue of(Literal literal) {
    ArrayValue out = zeros(literal.shape());
    DType type = literal.shape().dtype();
    for (int i = 0; i < out.count(); i++) {
      long bits = literal.bits(i);
      if (type.isFloating()) {
        out.floats[i] = Numbers.toDouble(type, bits);
      } else {
        out.integers[i] = Numbers.toLong(type, bits);
      }
    }
    return out;
  }

  Literal literal() {
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < count(); i++) {
      Literal.writeBits(segment, i, dtype(), bits(i));
    }
    return Literal.ofBytes(shape, bytes);
  }

  ArrayShape shape() {
    return shape;
  }

  DType dtype() {
    return shape.dtype();
  }

  int count() {
    return Math.toIntExact(shape.elementCount());
  }

  boolean isFloating() {
    return dtype().isFloating();
  }

  double real(int index) {
    return floats[index];
  }

  long integer(int index) {
    return integers[index];
  }

  boolean truth(int index) {
    return integers[index] != 0;
  }

  /** Returns the bits of an element, in the low part. */
  long bits(int index) {
    return isFloating() ? Numbers.encodeFloat(dtype(), floats[index]) : integers[index];
  }

  /** Sets an element, rounded to the type. */
  void set(int index, double value) {
    floats[index] = ScalarMath.round(dtype(), value);
  }

  /** Sets an element, wrapped to the type. */
  void set(int index, long value) {
    integers[index] = Numbers.toLong(dtype(), value);
  }

  void set(int index, boolean value) {
    integers[index] = value ? 1 : 0;
  }

  /** Copies an element of an array of the same type. */
  void copy(int index, ArrayValue from, int fromIndex) {
    if (isFloating()) {
      floats[index] = from.floats[fromIndex];
    } else {
      integers[index] = from.integers[fromIndex];
    }
  }

  /** Returns the same elements under another shape of the same type and size. */
  ArrayValue withShape(ArrayShape other) {
    return new ArrayValue(other, floats, integers);
  }

  ArrayValue copy() {
    return new ArrayValue(shape, floats.clone(), integers.clone());
  }

  ArrayValue element(int index) {
    ArrayValue out = zeros(ArrayShape.scalar(dtype()));
    out.copy(0, this, index);
    return out;
  }
}
