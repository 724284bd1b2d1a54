package io.lazytensor.xla.npy;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import java.nio.charset.StandardCharsets;

/**
 * What stands before the elements of an array: magic, version, length, and a Python dictionary.
 *
 * <p>Source: NumPy, {@code numpy/lib/format.py}, versions 1.0 to 3.0.
 *
 * @param descriptor NumPy's name of the element type, such as {@code <f4}
 * @param fortranOrder whether the first dimension changes fastest
 * @param dims the dimension sizes
 */
record NpyHeader(String descriptor, boolean fortranOrder, Dims dims) {
  /** Bytes up to the version: {@code \x93NUMPY}. */
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** The longest dictionary that is read; longer ones are no honest header. */
  static final int LONGEST = 1 << 16;

  private static final int ALIGNMENT = 64;
  private static final int PREFIX = 10;

  /** Describes an array as it is written: little-endian, row-major. */
  static NpyHeader of(ArrayShape shape) {
    return new NpyHeader(NpyTypes.descriptor(shape.dtype()), false, shape.dims());
  }

  /** Returns the bytes in version 1.0, padded so that elements are aligned. */
  byte[] encode() {
    StringBuilder sizes = new StringBuilder();
    for (int i = 0; i < dims.size(); i++) {
      sizes.append(i == 0 ? "" : ", ").append(dims.get(i));
    }
    String dictionary =
        "{'descr': '%s', 'fortran_order': %s, 'shape': (%s%s), }"
            .formatted(
                descriptor, fortranOrder ? "True" : "False", sizes, dims.size() == 1 ? "," : "");
    int length = PREFIX + dictionary.length() + 1;
    int padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    String text = dictionary + " ".repeat(padded - length) + "\n";
    byte[] out = new byte[padded];
    System.arraycopy(MAGIC, 0, out, 0, MAGIC.length);
    out[MAGIC.length] = 1;
    out[PREFIX - 2] = (byte) text.length();
    out[PREFIX - 1] = (byte) (text.length() >>> 8);
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, out, PREFIX, text.length());
    return out;
  }
}
