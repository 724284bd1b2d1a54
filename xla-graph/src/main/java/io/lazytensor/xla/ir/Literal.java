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
    this.shape = shape;
    this.bytes = bytes;
    this.hash = shape.hashCode() * 31 + Arrays.hashCode(bytes);
  }

  /** Returns a literal with a copy of the given bytes. */
  public static Literal ofBytes(ArrayShape shape, byte[] littleEndianBytes) {
    return new Literal(shape, littleEndianBytes.clone());
  }

  /** Returns a literal with a copy of a segment's bytes. */
  public static Literal ofSegment(ArrayShape shape, MemorySegment source) {
    return new Literal(shape, source.asSlice(0, shape.byteSize()).toArray(ValueLayout.JAVA_BYTE));
  }

  /** Returns a scalar of a floating-point or integer type, converted as HLO's {@code convert}. */
  public static Literal scalar(DType dtype, double value) {
    byte[] bytes = new byte[dtype.byteSize()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    if (dtype == DType.F64) {
      segment.set(LONG, 0, Double.doubleToRawLongBits(value));
    } else if (dtype.isFloating()) {
      writeBits(segment, 0, dtype, Numbers.encodeFloat(dtype, value));
    } else {
      writeBits(segment, 0, dtype, Numbers.saturatingToInteger(dtype, value));
    }
    return new Literal(ArrayShape.scalar(dtype), bytes);
  }

  /** Returns a scalar with the low bits of {@code bits}. */
  public static Literal scalarBits(DType dtype, long bits) {
    byte[] bytes = new byte[dtype.byteSize()];
    writeBits(MemorySegment.ofArray(bytes), 0, dtype, bits);
    return new Literal(ArrayShape.scalar(dtype), bytes);
  }

  /** Returns an {@code f32} array. */
  public static Literal ofFloats(Dims dims, float... values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, 4)];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      segment.set(INT, 4L * i, Float.floatToRawIntBits(values[i]));
    }
    return new Literal(new ArrayShape(DType.F32, dims), bytes);
  }

  /** Returns an {@code s32} array. */
  public static Literal ofInts(Dims dims, int... values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, 4)];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      segment.set(INT, 4L * i, values[i]);
    }
    return new Literal(new ArrayShape(DType.S32, dims), bytes);
  }

  /** Returns the shape. */
  public ArrayShape shape() {
    return shape;
  }

  /** Returns a read-only view of the bytes. */
  public MemorySegment segment() {
    return MemorySegment.ofArray(bytes).asReadOnly();
  }

  /** Returns the real part of an element of a complex literal. */
  public double realPart(long index) {
    return part(2 * index);
  }

  /** Returns the imaginary part of an element of a complex literal. */
  public double imaginaryPart(long index) {
    return part(2 * index + 1);
  }

  private double part(long index) {
    DType part = shape.dtype().realType();
    return Numbers.toDouble(part, readBits(MemorySegment.ofArray(bytes), index, part));
  }

  /** Returns the bits of one element of a type that is not complex, zero-extended. */
  public long bits(long index) {
    return readBits(MemorySegment.ofArray(bytes), index, shape.dtype());
  }

  /** Returns one element as a {@code double}; exact but for large 64-bit integers. */
  public double toDouble(long index) {
    return Numbers.toDouble(shape.dtype(), bits(index));
  }

  /** Reads the bits of one element of a dense array, zero-extended. */
  public static long readBits(MemorySegment segment, long index, DType dtype) {
    return switch (dtype.byteSize()) {
      case 1 -> segment.get(ValueLayout.JAVA_BYTE, index) & 0xFFL;
      case 2 -> segment.get(SHORT, 2 * index) & 0xFFFFL;
      case 4 -> segment.get(INT, 4 * index) & 0xFFFF_FFFFL;
      default -> segment.get(LONG, 8 * index);
    };
  }

  /** Writes the low bits as one element of a dense array. */
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
