package io.lazytensor.checkpoint;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An element type of NumPy, from a name such as {@code <f8}.
 *
 * @param dtype PyTorch's type of the same elements
 * @param bigEndian whether the highest byte comes first
 */
record NumPyType(TorchDType dtype, boolean bigEndian) {
  private static final Pattern NAME = Pattern.compile("([<>|])([biufc])([0-9]{1,2})");

  /** Returns the type of a name; refuses objects, strings, dates and others that are no numbers. */
  static NumPyType of(String name) {
    Matcher matcher = NAME.matcher(name);
    String plain = matcher.matches() ? matcher.group(2) + matcher.group(3) : "";
    TorchDType dtype =
        switch (plain) {
          case "b1" -> TorchDType.BOOL;
          case "i1" -> TorchDType.INT8;
          case "i2" -> TorchDType.INT16;
          case "i4" -> TorchDType.INT32;
          case "i8" -> TorchDType.INT64;
          case "u1" -> TorchDType.UINT8;
          case "u2" -> TorchDType.UINT16;
          case "u4" -> TorchDType.UINT32;
          case "u8" -> TorchDType.UINT64;
          case "f2" -> TorchDType.FLOAT16;
          case "f4" -> TorchDType.FLOAT32;
          case "f8" -> TorchDType.FLOAT64;
          case "c8" -> TorchDType.COMPLEX64;
          case "c16" -> TorchDType.COMPLEX128;
          default ->
              throw new CheckpointException(
                  "the pickle has NumPy data of type \"%s\"; bools and numbers are read"
                      .formatted(name));
        };
    boolean order = !matcher.group(1).equals("|");
    if (!order && dtype.byteSize() > 1) {
      throw new CheckpointException("NumPy type \"" + name + "\" has no byte order");
    }
    return new NumPyType(dtype, matcher.group(1).equals(">"));
  }

  int width() {
    return dtype.byteSize();
  }

  boolean isSigned() {
    return switch (dtype) {
      case INT8, INT16, INT32, INT64 -> true;
      default -> false;
    };
  }

  /** Returns the bytes with the lowest of each number first. */
  byte[] littleEndian(byte[] bytes) {
    return bigEndian && dtype.swapUnit() > 1 ? reversed(bytes, dtype.swapUnit()) : bytes;
  }

  /** Returns the bytes with those of each unit in the other order; an incomplete one is left. */
  static byte[] reversed(byte[] bytes, int unit) {
    byte[] out = bytes.clone();
    for (int at = 0; at + unit <= bytes.length; at += unit) {
      for (int i = 0; i < unit; i++) {
        out[at + i] = bytes[at + unit - 1 - i];
      }
    }
    return out;
  }
}
