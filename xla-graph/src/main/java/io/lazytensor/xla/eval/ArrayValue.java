package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import java.lang.foreign.MemorySegment;

/**
 * An array while it is evaluated: floating-point elements as {@code double}s that their type can
 * represent, complex ones as two of them, integers and truth values as {@code long}s, extended by
 * their sign if they have one.
 */
final class ArrayValue {
  private static final double[] NO_REALS = {};
  private static final long[] NO_INTEGERS = {};

  private final ArrayShape shape;
  private final int count;
  private final double[] reals;
  private final double[] imaginaries;
  private final long[] integers;

  private ArrayValue(ArrayShape shape, double[] reals, double[] imaginaries, long[] integers) {
    this.shape = shape;
    this.count = Math.toIntExact(shape.elementCount());
    this.reals = reals;
    this.imaginaries = imaginaries;
    this.integers = integers;
  }

  static ArrayValue zeros(ArrayShape shape) {
    int count = Math.toIntExact(shape.elementCount());
    DType type = shape.dtype();
    return new ArrayValue(
        shape,
        type.isFloating() || type.isComplex() ? new double[count] : NO_REALS,
        type.isComplex() ? new double[count] : NO_REALS,
        type.isFloating() || type.isComplex() ? NO_INTEGERS : new long[count]);
  }

  static ArrayValue of(Literal literal) {
    ArrayValue out = zeros(literal.shape());
    DType type = literal.shape().dtype();
    DType part = type.realType();
    MemorySegment bits = literal.segment();
    for (int i = 0; i < out.count; i++) {
      if (type.isComplex()) {
        out.reals[i] = Numbers.toDouble(part, Literal.readBits(bits, 2L * i, part));
        out.imaginaries[i] = Numbers.toDouble(part, Literal.readBits(bits, 2L * i + 1, part));
      } else if (type.isFloating()) {
        out.reals[i] = Numbers.toDouble(type, Literal.readBits(bits, i, type));
      } else {
        out.integers[i] = Numbers.toLong(type, Literal.readBits(bits, i, type));
      }
    }
    return out;
  }

  Literal literal() {
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    DType part = dtype().realType();
    for (int i = 0; i < count; i++) {
      if (isComplex()) {
        Literal.writeBits(segment, 2L * i, part, Numbers.encodeFloat(part, reals[i]));
        Literal.writeBits(segment, 2L * i + 1, part, Numbers.encodeFloat(part, imaginaries[i]));
      } else {
        Literal.writeBits(segment, i, part, bits(i));
      }
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
    return count;
  }

  /** Returns whether elements are real floating-point numbers. */
  boolean isFloating() {
    return dtype().isFloating();
  }

  boolean isComplex() {
    return dtype().isComplex();
  }

  /** Returns a floating-point element, or the real part of a complex one. */
  double real(int index) {
    return reals[index];
  }

  /** Returns the imaginary part of a complex element. */
  double imaginary(int index) {
    return imaginaries[index];
  }

  ComplexNumber complex(int index) {
    return new ComplexNumber(reals[index], imaginaries[index]);
  }

  long integer(int index) {
    return integers[index];
  }

  boolean truth(int index) {
    return integers[index] != 0;
  }

  /** Returns the bits of a real element, in the low part. */
  long bits(int index) {
    return isFloating() ? Numbers.encodeFloat(dtype(), reals[index]) : integers[index];
  }

  /** Sets an element, rounded to the type; of a complex one, the imaginary part becomes zero. */
  void set(int index, double value) {
    if (isComplex()) {
      set(index, value, 0);
    } else {
      reals[index] = ScalarMath.round(dtype(), value);
    }
  }

  /** Sets a complex element, its parts rounded to the type. */
  void set(int index, double real, double imaginary) {
    DType part = dtype().realType();
    reals[index] = ScalarMath.round(part, real);
    imaginaries[index] = ScalarMath.round(part, imaginary);
  }

  /** Sets a complex element, its parts rounded to the type. */
  void set(int index, ComplexNumber value) {
    set(index, value.re(), value.im());
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
    if (isComplex()) {
      reals[index] = from.reals[fromIndex];
      imaginaries[index] = from.imaginaries[fromIndex];
    } else if (isFloating()) {
      reals[index] = from.reals[fromIndex];
    } else {
      integers[index] = from.integers[fromIndex];
    }
  }

  /** Returns the same elements under another shape of the same type and size. */
  ArrayValue withShape(ArrayShape other) {
    return new ArrayValue(other, reals, imaginaries, integers);
  }

  ArrayValue copy() {
    return new ArrayValue(shape, reals.clone(), imaginaries.clone(), integers.clone());
  }

  ArrayValue element(int index) {
    ArrayValue out = zeros(ArrayShape.scalar(dtype()));
    out.copy(0, this, index);
    return out;
  }
}
