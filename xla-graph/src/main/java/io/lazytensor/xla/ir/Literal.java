package io.lazytensor.xla.ir;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** An immutable array value: shape and dense little-endian row-major bytes, compared bit by bit. */
public final class Literal {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ArrayShape shape;
  private final byte[] bytes;
  private final int hash;

  private Literal(ArrayShape shape, byte[] bytes) {
    if (bytes.length != shape.byteSize()) {
      throw new ShapeException(
          "a literal " + shape + " takes " + shape.byteSize() + " bytes, got " + bytes.length);
    }
    if (shape.dtype().bitWidth() < Byte.SIZE) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) canonical(shape.dtype(), bytes[i]);
      }
    }
    this.shape = shape;
    this.bytes = bytes;
    this.hash = shape.hashCode() * 31 + Arrays.hashCode(bytes);
  }

  /**
   * Returns a literal with a copy of the given bytes. Of the bytes of types smaller than a byte
   * only the low bits count.
   *
   * @throws ShapeException if there are more or fewer bytes than the shape takes
   */
  public static Literal ofBytes(ArrayShape shape, byte[] littleEndianBytes) {
    return new Literal(shape, littleEndianBytes.clone());
  }

  /**
   * Returns a literal with a copy of a segment's first bytes.
   *
   * @throws ShapeException if the segment is smaller than the shape
   */
  public static Literal ofSegment(ArrayShape shape, MemorySegment source) {
    if (source.byteSize() < shape.byteSize()) {
      throw new ShapeException(
          "a literal %s takes %d bytes, the segment has %d"
              .formatted(shape, shape.byteSize(), source.byteSize()));
    }
    checkHeapSize(shape);
    return new Literal(shape, source.asSlice(0, shape.byteSize()).toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * Returns a scalar converted as HLO's {@code convert}; the imaginary part of a complex one is
   * zero.
   */
  public static Literal scalar(DType dtype, double value) {
    if (dtype.isComplex()) {
      return scalarComplex(dtype, value, 0);
    }
    return scalarBits(
        dtype,
        dtype.isFloating()
            ? Numbers.encodeFloat(dtype, value)
            : Numbers.saturatingToInteger(dtype, value));
  }

  /**
   * Returns a scalar with the low bits of {@code bits}.
   *
   * @throws ShapeException if the type is complex
   */
  public static Literal scalarBits(DType dtype, long bits) {
    requireOneNumber(dtype);
    byte[] bytes = new byte[dtype.byteSize()];
    writeBits(MemorySegment.ofArray(bytes), 0, dtype, bits);
    return new Literal(ArrayShape.scalar(dtype), bytes);
  }

  /**
   * Returns a complex scalar, its parts rounded to their type.
   *
   * @throws ShapeException if the type is not complex
   */
  public static Literal scalarComplex(DType dtype, double real, double imaginary) {
    return ofComplex(dtype, Dims.of(), real, imaginary);
  }

  /**
   * Returns a complex array, its parts rounded to their type.
   *
   * @param parts the real and the imaginary part of each element in turn
   * @throws ShapeException if the type is not complex, or the parts are more or fewer
   */
  public static Literal ofComplex(DType dtype, Dims dims, double... parts) {
    if (!dtype.isComplex()) {
      throw new ShapeException("expected a complex type, got " + dtype);
    }
    ArrayShape shape = new ArrayShape(dtype, dims);
    byte[] bytes = room(shape, parts.length);
    DType part = dtype.realType();
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < parts.length; i++) {
      writeBits(segment, i, part, Numbers.encodeFloat(part, parts[i]));
    }
    return new Literal(shape, bytes);
  }

  /** Returns an {@code f64} array. */
  public static Literal ofDoubles(Dims dims, double... values) {
    ArrayShape shape = new ArrayShape(DType.F64, dims);
    byte[] bytes = room(shape, values.length);
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      segment.set(LONG, 8L * i, Double.doubleToRawLongBits(values[i]));
    }
    return new Literal(shape, bytes);
  }

  /** Returns an {@code s64} array. */
  public static Literal ofLongs(Dims dims, long... values) {
    return ofBits(new ArrayShape(DType.S64, dims), values);
  }

  /**
   * Returns an array whose elements have the low bits of {@code bits}.
   *
   * @throws ShapeException if the type is complex, or the elements are more or fewer
   */
  public static Literal ofBits(ArrayShape shape, long... bits) {
    requireOneNumber(shape.dtype());
    byte[] bytes = room(shape, bits.length);
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < bits.length; i++) {
      writeBits(segment, i, shape.dtype(), bits[i]);
    }
    return new Literal(shape, bytes);
  }

  private static byte[] room(ArrayShape shape, int numbers) {
    long expected = shape.elementCount() * (shape.dtype().isComplex() ? 2 : 1);
    if (numbers != expected) {
      throw new ShapeException(
          "a literal %s takes %d numbers, got %d".formatted(shape, expected, numbers));
    }
    checkHeapSize(shape);
    return new byte[(int) shape.byteSize()];
  }

  private static void checkHeapSize(ArrayShape shape) {
    if (shape.byteSize() > Integer.MAX_VALUE - 8) {
      throw new ShapeException(
          "a literal %s takes %d bytes; there may be 2^31 at most"
              .formatted(shape, shape.byteSize()));
    }
  }

  private static void requireOneNumber(DType dtype) {
    if (dtype.isComplex()) {
      throw new ShapeException(
          "an element of "
              + dtype
              + " is two numbers and has no single bits; use its real and imaginary part");
    }
  }

  // Equal elements have equal bytes: unused bits repeat the sign, or are zero.
  private static long canonical(DType dtype, long bits) {
    return dtype.isInteger() ? Numbers.toLong(dtype, bits) : bits & 0xF;
  }

  /** Returns an {@code f32} array. */
  public static Literal ofFloats(Dims dims, float... values) {
    ArrayShape shape = new ArrayShape(DType.F32, dims);
    byte[] bytes = room(shape, values.length);
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      segment.set(INT, 4L * i, Float.floatToRawIntBits(values[i]));
    }
    return new Literal(shape, bytes);
  }

  /** Returns an {@code s32} array. */
  public static Literal ofInts(Dims dims, int... values) {
    ArrayShape shape = new ArrayShape(DType.S32, dims);
    byte[] bytes = room(shape, values.length);
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      segment.set(INT, 4L * i, values[i]);
    }
    return new Literal(shape, bytes);
  }

  /** Returns the shape. */
  public ArrayShape shape() {
    return shape;
  }

  /** Returns a read-only view of the bytes. */
  public MemorySegment segment() {
    return MemorySegment.ofArray(bytes).asReadOnly();
  }

  /**
   * Returns the real part of an element; a number of another type itself.
   *
   * @throws ShapeException if there is no such element
   */
  public double realPart(long index) {
    return shape.dtype().isComplex() ? part(index, 0) : toDouble(index);
  }

  /**
   * Returns the imaginary part of an element; zero for a number of a type that is not complex.
   *
   * @throws ShapeException if there is no such element
   */
  public double imaginaryPart(long index) {
    checkIndex(index);
    return shape.dtype().isComplex() ? part(index, 1) : 0;
  }

  private double part(long index, int which) {
    checkIndex(index);
    DType part = shape.dtype().realType();
    return Numbers.toDouble(part, readBits(MemorySegment.ofArray(bytes), 2 * index + which, part));
  }

  /**
   * Returns the bits of one element, zero-extended from the bytes it takes.
   *
   * @throws ShapeException if there is no such element, or it is complex
   */
  public long bits(long index) {
    requireOneNumber(shape.dtype());
    checkIndex(index);
    return readBits(MemorySegment.ofArray(bytes), index, shape.dtype());
  }

  /**
   * Returns one element as a {@code double}; exact but for large 64-bit integers.
   *
   * @throws ShapeException if there is no such element, or it is complex
   */
  public double toDouble(long index) {
    return Numbers.toDouble(shape.dtype(), bits(index));
  }

  /**
   * Returns one integer or pred; {@code u64} keeps its bits.
   *
   * @throws ShapeException if there is no such element, or it is no integer
   */
  public long toLong(long index) {
    return Numbers.toLong(shape.dtype(), bits(index));
  }

  private void checkIndex(long index) {
    int count = bytes.length / shape.dtype().byteSize();
    if (index < 0 || index >= count) {
      throw new ShapeException("element %d of %s, which has %d".formatted(index, this, count));
    }
  }

  /** Reads the bits of one element of a dense array, zero-extended; its type is not complex. */
  public static long readBits(MemorySegment segment, long index, DType dtype) {
    return switch (dtype.byteSize()) {
      case 1 -> segment.get(ValueLayout.JAVA_BYTE, index) & 0xFFL;
      case 2 -> segment.get(SHORT, 2 * index) & 0xFFFFL;
      case 4 -> segment.get(INT, 4 * index) & 0xFFFF_FFFFL;
      default -> segment.get(LONG, 8 * index);
    };
  }

  /** Writes the low bits as one element of a dense array; its type is not complex. */
  public static void writeBits(MemorySegment segment, long index, DType dtype, long bits) {
    switch (dtype.byteSize()) {
      case 1 -> segment.set(ValueLayout.JAVA_BYTE, index, (byte) bits);
      case 2 -> segment.set(SHORT, 2 * index, (short) bits);
      case 4 -> segment.set(INT, 4 * index, (int) bits);
      default -> segment.set(LONG, 8 * index, bits);
    }
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Literal that
            && hash == that.hash
            && shape.equals(that.shape)
            && Arrays.equals(bytes, that.bytes));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "literal " + shape;
  }
}
