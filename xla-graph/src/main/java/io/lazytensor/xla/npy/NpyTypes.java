package io.lazytensor.xla.npy;

import io.lazytensor.xla.ir.DType;
import java.util.Optional;

/**
 * Which NumPy type stores which element type. Types NumPy does not have are stored as their bits:
 * {@code bf16} as {@code uint16}, 8-bit and 4-bit floats as {@code uint8}, small integers as {@code
 * int8} or {@code uint8}, one element a byte.
 *
 * <p>Source: NumPy's array interface, {@code typestr}.
 */
final class NpyTypes {
  private NpyTypes() {}

  /** Returns whether NumPy has this type itself. */
  static boolean isNative(DType type) {
    return switch (type) {
      case PRED, S8, S16, S32, S64, U8, U16, U32, U64, F16, F32, F64, C64, C128 -> true;
      case BF16,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN,
          S2,
          S4,
          U2,
          U4 ->
          false;
    };
  }

  /** Returns the descriptor of the NumPy type that stores this one, such as {@code <f4}. */
  static String descriptor(DType type) {
    return switch (type) {
      case PRED -> "|b1";
      case S2, S4, S8 -> "|i1";
      case U2,
          U4,
          U8,
          F8E5M2,
          F8E4M3FN,
          F8E4M3B11FNUZ,
          F8E5M2FNUZ,
          F8E4M3FNUZ,
          F8E4M3,
          F8E3M4,
          F8E8M0FNU,
          F4E2M1FN ->
          "|u1";
      case S16, S32, S64 -> "<i" + type.byteSize();
      case U16, U32, U64 -> "<u" + type.byteSize();
      case BF16 -> "<u2";
      case F16, F32, F64 -> "<f" + type.byteSize();
      case C64, C128 -> "<c" + type.byteSize();
    };
  }

  /** Returns whether arrays of a descriptor can be read as a type. */
  static boolean stores(String descriptor, DType type) {
    // NumPy writes types it learnt from extensions, bfloat16 say, as raw bytes.
    return normalized(descriptor).equals(descriptor(type))
        || (!isNative(type) && descriptor.matches("[|<]V" + type.byteSize()));
  }

  /** Returns the native type of a descriptor, if it has one. */
  static Optional<DType> nativeType(String descriptor) {
    String plain = normalized(descriptor);
    for (DType type : DType.values()) {
      if (isNative(type) && descriptor(type).equals(plain)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Returns a descriptor with the mark of single bytes, which have no byte order. */
  private static String normalized(String descriptor) {
    return descriptor.matches("[<>=][biu]1") ? "|" + descriptor.substring(1) : descriptor;
  }
}
