package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.ir.DType;
import java.util.Optional;

/**
 * Numbers of {@code PJRT_Buffer_Type}, which differ from HLO's {@code PrimitiveType}.
 *
 * <p>Source: {@code pjrt_c_api.h} 0.114.
 */
final class BufferType {
  private BufferType() {}

  /** Returns the number of an element type. */
  static int of(DType dtype) {
    return switch (dtype) {
      case PRED -> 1;
      case S8 -> 2;
      case S16 -> 3;
      case S32 -> 4;
      case S64 -> 5;
      case U8 -> 6;
      case U16 -> 7;
      case U32 -> 8;
      case U64 -> 9;
      case F16 -> 10;
      case F32 -> 11;
      case F64 -> 12;
      case BF16 -> 13;
      case C64 -> 14;
      case C128 -> 15;
      case F8E5M2 -> 16;
      case F8E4M3FN -> 17;
      case F8E4M3B11FNUZ -> 18;
      case F8E5M2FNUZ -> 19;
      case F8E4M3FNUZ -> 20;
      case S4 -> 21;
      case U4 -> 22;
      case S2 -> 24;
      case U2 -> 25;
      case F8E4M3 -> 26;
      case F8E3M4 -> 27;
      case F8E8M0FNU -> 28;
      case F4E2M1FN -> 29;
    };
  }

  /** Returns the element type of a number, if it is one of ours. */
  static Optional<DType> dtype(int number) {
    for (DType dtype : DType.values()) {
      if (of(dtype) == number) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }
}
