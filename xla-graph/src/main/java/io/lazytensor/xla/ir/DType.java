package io.lazytensor.xla.ir;

import java.util.Locale;
import java.util.Optional;

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
  F64(12, 8, Kind.FLOATING),
  /** Two {@code f32}: real, imaginary. */
  C64(15, 8, Kind.COMPLEX),
  /** Two {@code f64}: real, imaginary. */
  C128(18, 16, Kind.COMPLEX),
  /** 8-bit float: 5 bits exponent, IEEE-like. */
  F8E5M2(19, 1, Kind.FLOATING),
  /** 8-bit float: 4 bits exponent, no infinity, one NaN of each sign. */
  F8E4M3FN(20, 1, Kind.FLOATING),
  /** 8-bit float: 4 bits exponent with bias 11, no infinity, NaN is negative zero's code. */
  F8E4M3B11FNUZ(23, 1, Kind.FLOATING),
  /** 8-bit float: 5 bits exponent with bias 16, no infinity, NaN is negative zero's code. */
  F8E5M2FNUZ(24, 1, Kind.FLOATING),
  /** 8-bit float: 4 bits exponent with bias 8, no infinity, NaN is negative zero's code. */
  F8E4M3FNUZ(25, 1, Kind.FLOATING),
  /** 8-bit float: 4 bits exponent, IEEE-like. */
  F8E4M3(28, 1, Kind.FLOATING),
  /** 8-bit float: 3 bits exponent, IEEE-like. */
  F8E3M4(29, 1, Kind.FLOATING),
  /** 8-bit power of two: no sign, no zero, no infinity. */
  F8E8M0FNU(33, 1, Kind.FLOATING),
  /** 4-bit float: 2 bits exponent, no infinity, no NaN; one byte an element on the host. */
  F4E2M1FN(32, 1, Kind.FLOATING),
  /** Signed 2-bit integer; one byte an element on the host. */
  S2(26, 1, Kind.SIGNED),
  /** Signed 4-bit integer; one byte an element on the host. */
  S4(21, 1, Kind.SIGNED),
  /** Unsigned 2-bit integer; one byte an element on the host. */
  U2(27, 1, Kind.UNSIGNED),
  /** Unsigned 4-bit integer; one byte an element on the host. */
  U4(22, 1, Kind.UNSIGNED);

  private enum Kind {
    BOOLEAN,
    SIGNED,
    UNSIGNED,
    FLOATING,
    COMPLEX
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

  /** Returns the bits one element holds; less than a byte for the smallest types. */
  public int bitWidth() {
    return switch (this) {
      case S2, U2 -> 2;
      case S4, U4, F4E2M1FN -> 4;
      default -> byteSize * 8;
    };
  }

  /** Returns the spelling in HLO text, such as {@code f32}. */
  public String hloName() {
    return hloName;
  }

  /** Returns whether this is a complex type. */
  public boolean isComplex() {
    return kind == Kind.COMPLEX;
  }

  /** Returns the type of a complex type's parts; the type itself otherwise. */
  public DType realType() {
    return this == C64 ? F32 : this == C128 ? F64 : this;
  }

  /** Returns whether this is a real floating-point type. */
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

  /** Returns the type with this number in XLA's {@code PrimitiveType}, if it is one of ours. */
  public static Optional<DType> ofProtoNumber(int number) {
    for (DType type : values()) {
      if (type.protoNumber == number) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
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
