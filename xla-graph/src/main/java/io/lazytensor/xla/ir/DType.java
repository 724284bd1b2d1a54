package io.lazytensor.xla.ir;

import java.util.Locale;

/**
 * Element types of arrays.
 *
 * <p>Source of names and numbers: XLA {@code xla_data.proto}, {@code PrimitiveType}.
 */
public enum DType {
  /** Boolean, one byte an element, 0 or 1. */
  PRED(1, 1, Kind.BOOLEAN),
  /** Signed 8-bit integer. */
  S8(2, 1, Kind.SIGNED),
  /** Signed 16-bit integer. */
  S16(3, 2, Kind.SIGNED),
  /** Signed 32-bit integer. */
  S32(4, 4, Kind.SIGNED),
  /** Signed 64-bit integer. */
  S64(5, 8, Kind.SIGNED),
  /** Unsigned 8-bit integer. */
  U8(6, 1, Kind.UNSIGNED),
  /** Unsigned 16-bit integer. */
  U16(7, 2, Kind.UNSIGNED),
  /** Unsigned 32-bit integer. */
  U32(8, 4, Kind.UNSIGNED),
  /** Unsigned 64-bit integer. */
  U64(9, 8, Kind.UNSIGNED),
  /** IEEE binary16. */
  F16(10, 2, Kind.FLOATING),
  /** The upper half of an IEEE binary32. */
  BF16(16, 2, Kind.FLOATING),
  /** IEEE binary32. */
  F32(11, 4, Kind.FLOATING),
  /** IEEE binary64. */
  F64(12, 8, Kind.FLOATING);

  private enum Kind {
    BOOLEAN,
    SIGNED,
    UNSIGNED,
    FLOATING
  }

  private final int protoNumber;
  private final int byteSize;
  private final Kind kind;
  private final String hloName;

  DType(int protoNumber, int byteSize, Kind kind) {
    this.protoNumber = protoNumber;
    this.byteSize = byteSize;
    this.kind = kind;
    this.hloName = name().toLowerCase(Locale.ROOT);
  }

  /** Returns the number of this type in XLA's {@code PrimitiveType}. */
  public int protoNumber() {
    return protoNumber;
  }

  /** Returns the bytes one element takes in memory. */
  public int byteSize() {
    return byteSize;
  }

  /** Returns the bits one element holds. */
  public int bitWidth() {
    return byteSize * 8;
  }

  /** Returns the spelling in HLO text, such as {@code f32}. */
  public String hloName() {
    return hloName;
  }

  /** Returns whether this is a floating-point type. */
  public boolean isFloating() {
    return kind == Kind.FLOATING;
  }

  /** Returns whether this is an integer type; {@code pred} is not. */
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  /** Returns whether this is an unsigned integer type. */
  public boolean isUnsigned() {
    return kind == Kind.UNSIGNED;
  }

  /** Returns whether this is a signed integer type. */
  public boolean isSigned() {
    return kind == Kind.SIGNED;
  }

  /** Returns the type with this HLO spelling. */
  public static DType ofHloName(String name) {
    for (DType type : values()) {
      if (type.hloName.equals(name)) {
        return type;
      }
    }
    throw new ShapeException("unknown element type \"" + name + "\"");
  }

  @Override
  public String toString() {
    return hloName;
  }
}
