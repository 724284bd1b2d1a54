package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Elements of any type as {@code long} lanes: integers extended by their own signedness, pred as 0
 * or 1, floats as the bits of the equal {@code double}.
 */
public final class Lanes {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private Lanes() {}

  /** Reads one element. */
  public static long read(DType dtype, MemorySegment segment, long byteOffset) {
    return switch (dtype) {
      case PRED -> segment.get(ValueLayout.JAVA_BYTE, byteOffset) != 0 ? 1 : 0;
      case S8 -> segment.get(ValueLayout.JAVA_BYTE, byteOffset);
      case U8 -> segment.get(ValueLayout.JAVA_BYTE, byteOffset) & 0xFFL;
      case S16 -> segment.get(SHORT, byteOffset);
      case U16 -> segment.get(SHORT, byteOffset) & 0xFFFFL;
      case S32 -> segment.get(INT, byteOffset);
      case U32 -> segment.get(INT, byteOffset) & 0xFFFF_FFFFL;
      case S64, U64, F64 -> segment.get(LONG, byteOffset);
      case F32 -> fromDouble(Float.intBitsToFloat(segment.get(INT, byteOffset)));
      case F16 -> fromDouble(Float.float16ToFloat(segment.get(SHORT, byteOffset)));
      case BF16 -> fromDouble(Numbers.bf16ToFloat(segment.get(SHORT, byteOffset)));
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw noLanes(dtype);
    };
  }

  /** Writes one element; integers keep their low bits, floats are rounded to nearest even. */
  public static void write(DType dtype, MemorySegment segment, long byteOffset, long lane) {
    switch (dtype) {
      case PRED, S8, U8 -> segment.set(ValueLayout.JAVA_BYTE, byteOffset, (byte) lane);
      case S16, U16 -> segment.set(SHORT, byteOffset, (short) lane);
      case S32, U32 -> segment.set(INT, byteOffset, (int) lane);
      case S64, U64, F64 -> segment.set(LONG, byteOffset, lane);
      case F32 -> segment.set(INT, byteOffset, Float.floatToRawIntBits((float) toDouble(lane)));
      case F16, BF16 ->
          segment.set(SHORT, byteOffset, (short) Numbers.encodeFloat(dtype, toDouble(lane)));
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw noLanes(dtype);
    }
  }

  /** Reads dense elements into lanes. */
  public static void decode(
      DType dtype, MemorySegment segment, long byteOffset, long[] out, int count) {
    switch (dtype) {
      case S32 -> {
        for (int i = 0; i < count; i++) {
          out[i] = segment.get(INT, byteOffset + 4L * i);
        }
      }
      case U32 -> {
        for (int i = 0; i < count; i++) {
          out[i] = segment.get(INT, byteOffset + 4L * i) & 0xFFFF_FFFFL;
        }
      }
      case F32 -> {
        for (int i = 0; i < count; i++) {
          out[i] = fromDouble(Float.intBitsToFloat(segment.get(INT, byteOffset + 4L * i)));
        }
      }
      case PRED, S8, S16, S64, U8, U16, U64, F16, BF16, F64 -> {
        int size = dtype.byteSize();
        for (int i = 0; i < count; i++) {
          out[i] = read(dtype, segment, byteOffset + (long) size * i);
        }
      }
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw noLanes(dtype);
    }
  }

  /** Writes lanes as dense elements. */
  public static void encode(
      DType dtype, MemorySegment segment, long byteOffset, long[] lanes, int count) {
    switch (dtype) {
      case S32, U32 -> {
        for (int i = 0; i < count; i++) {
          segment.set(INT, byteOffset + 4L * i, (int) lanes[i]);
        }
      }
      case F32 -> {
        for (int i = 0; i < count; i++) {
          segment.set(
              INT, byteOffset + 4L * i, Float.floatToRawIntBits((float) toDouble(lanes[i])));
        }
      }
      case PRED, S8, S16, S64, U8, U16, U64, F16, BF16, F64 -> {
        int size = dtype.byteSize();
        for (int i = 0; i < count; i++) {
          write(dtype, segment, byteOffset + (long) size * i, lanes[i]);
        }
      }
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw noLanes(dtype);
    }
  }

  /** Returns an integer lane cut to its type and extended again. */
  public static long wrap(DType dtype, long lane) {
    return switch (dtype) {
      case PRED -> lane != 0 ? 1 : 0;
      case S8 -> (byte) lane;
      case U8 -> lane & 0xFF;
      case S16 -> (short) lane;
      case U16 -> lane & 0xFFFF;
      case S32 -> (int) lane;
      case U32 -> lane & 0xFFFF_FFFFL;
      case S64, U64, F16, BF16, F32, F64 -> lane;
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw noLanes(dtype);
    };
  }

  private static UnsupportedException noLanes(DType dtype) {
    return new UnsupportedException("cpu-reference does not compute with " + dtype);
  }

  /** Returns the lane of a result rounded to a type; 16-bit types by way of f32, as XLA does. */
  public static long round(DType dtype, double value) {
    return switch (dtype) {
      case F64 -> fromDouble(value);
      case F32 -> fromDouble((float) value);
      case F16, BF16 ->
          fromDouble(Numbers.toDouble(dtype, Numbers.encodeFloat(dtype, (float) value)));
      case PRED,
          S8,
          S16,
          S32,
          S64,
          U8,
          U16,
          U32,
          U64,
          C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw new IllegalArgumentException(dtype + " is no floating-point type");
    };
  }

  /** Returns the bits of an element in its own type, zero-extended. */
  public static long bits(DType dtype, long lane) {
    return switch (dtype) {
      case F16, BF16, F32 -> Numbers.encodeFloat(dtype, toDouble(lane));
      case F64, S64, U64 -> lane;
      case PRED, S8, S16, S32, U8, U16, U32 -> lane & ((1L << dtype.bitWidth()) - 1);
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw noLanes(dtype);
    };
  }

  /** Writes the low bits of a value as an element of a dense array. */
  static void writeBits(Location to, long element, long bits) {
    MemorySegment segment = to.segment();
    long at = to.byteOffset() + element * to.dtype().byteSize();
    switch (to.dtype()) {
      case PRED -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) (bits & 1));
      case S8, U8 -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) bits);
      case S16, U16, F16, BF16 -> segment.set(SHORT, at, (short) bits);
      case S32, U32, F32 -> segment.set(INT, at, (int) bits);
      case S64, U64, F64 -> segment.set(LONG, at, bits);
      case C64,
          C128,
          S2,
          S4,
          U2,
          U4,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          throw noLanes(to.dtype());
    }
  }

  /** Returns the lane of an element from its bits. */
  public static long ofBits(DType dtype, long bits) {
    return dtype.isFloating()
        ? fromDouble(Numbers.toDouble(dtype, bits))
        : Numbers.toLong(dtype, bits);
  }

  /** Returns a floating-point lane's value. */
  public static double toDouble(long lane) {
    return Double.longBitsToDouble(lane);
  }

  /** Returns the lane of a value. */
  public static long fromDouble(double value) {
    return Double.doubleToRawLongBits(value);
  }
}
