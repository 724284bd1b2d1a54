package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.ir.DType;
import java.util.List;

/** {@code PJRT_Buffer_Type} in the header's order. */
final class MockTypes {
  private static final List<String> NAMES =
      List.of(
          "INVALID",
          "PRED",
          "S8",
          "S16",
          "S32",
          "S64",
          "U8",
          "U16",
          "U32",
          "U64",
          "F16",
          "F32",
          "F64",
          "BF16",
          "C64",
          "C128",
          "F8E5M2",
          "F8E4M3FN",
          "F8E4M3B11FNUZ",
          "F8E5M2FNUZ",
          "F8E4M3FNUZ",
          "S4",
          "U4",
          "TOKEN",
          "S2",
          "U2",
          "F8E4M3",
          "F8E3M4",
          "F8E8M0FNU",
          "F4E2M1FN");

  private MockTypes() {}

  static int number(DType dtype) {
    return NAMES.indexOf(dtype.name());
  }

  static DType dtype(int number) {
    return DType.valueOf(NAMES.get(number));
  }
}
