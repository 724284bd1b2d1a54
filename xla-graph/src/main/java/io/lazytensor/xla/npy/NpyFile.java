package io.lazytensor.xla.npy;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Literal;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads and writes one array as NumPy's {@code .npy}: {@code numpy.load("out_0.npy")}.
 *
 * <p>Types NumPy does not have are stored as their bits: {@code bf16} as {@code uint16}, 8-bit and
 * 4-bit floats as {@code uint8}, {@code s4} and {@code s2} as {@code int8}, {@code u4} and {@code
 * u2} as {@code uint8}, one element a byte. Nothing is allocated before the file's size confirms
 * the header.
 */
public final class NpyFile {
  private static final int SHORT_LENGTH = 2;
  private static final int LONG_LENGTH = 4;

  private NpyFile() {}

  /** Returns whether NumPy has this type itself, so that {@code numpy.load} shows its values. */
  public static boolean isNative(DType type) {
    return NpyTypes.isNative(type);
  }

  /** Returns what stands before the dense, row-major, little-endian elements of an array. */
  public static byte[] header(ArrayShape shape) {
    return NpyHeader.of(shape).encode();
  }

  /** Writes an array; an existing file is replaced. */
  public static void write(Path path, Literal array) throws IOException {
    try (OutputStream out = Files.newOutputStream(path)) {
      out.write(header(array.shape()));
      out.write(array.segment().toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /**
   * Reads an array of an expected type and shape.
   *
   * @throws NpyException if the file is damaged or holds another array
   */
  public static Literal read(Path path, ArrayShape expected) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return read(in, Files.size(path), name(path), expected);
    }
  }

  /**
   * Reads an array of one of NumPy's own types.
   *
   * @throws NpyException if the file is damaged or of a type HLO does not have
   */
  public static Literal read(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      long size = Files.size(path);
      String where = name(path);
      Source source = new Source(in, where);
      NpyHeader header = source.header();
      DType type =
          NpyTypes.nativeType(header.descriptor())
              .orElseThrow(() -> new NpyException(where + ": " + unknown(header.descriptor())));
      return source.elements(header, shape(type, header.dims(), where), size);
    }
  }

  /** Reads an array of an expected type and shape from bytes that were a file of that name. */
  public static Literal parse(byte[] content, String name, ArrayShape expected) {
    try {
      return read(new ByteArrayInputStream(content), content.length, name, expected);
    } catch (IOException e) {
      throw new NpyException(name + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Literal read(InputStream in, long size, String where, ArrayShape expected)
      throws IOException {
    Source source = new Source(in, where);
    NpyHeader header = source.header();
    if (!NpyTypes.stores(header.descriptor(), expected.dtype())) {
      throw new NpyException(
          "%s: expected %s stored as '%s', got '%s'%s"
              .formatted(
                  where,
                  expected.dtype(),
                  NpyTypes.descriptor(expected.dtype()),
                  header.descriptor(),
                  header.descriptor().startsWith(">") ? " (big-endian is not read)" : ""));
    }
    if (!header.dims().equals(expected.dims())) {
      throw new NpyException(
          "%s: expected the shape [%s], got [%s]".formatted(where, expected.dims(), header.dims()));
    }
    return source.elements(header, expected, size);
  }

  private static String unknown(String descriptor) {
    return descriptor.startsWith(">")
        ? "'" + descriptor + "' is big-endian, which is not read; save it little-endian"
        : "'" + descriptor + "' is no element type of HLO";
  }

  private static ArrayShape shape(DType type, Dims dims, String where) {
    try {
      Math.multiplyExact(dims.product(), type.byteSize());
      return new ArrayShape(type, dims);
    } catch (ArithmeticException e) {
      throw new NpyException(where + ": the shape [" + dims + "] has too many elements", e);
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** A file that is read from its beginning, and how far it was. */
  private static final class Source {
    private final InputStream in;
    private final String where;
    private long consumed;

    Source(InputStream in, String where) {
      this.in = in;
      this.where = where;
    }

    NpyHeader header() throws IOException {
      byte[] magic = take(NpyHeader.MAGIC.length);
      if (!Arrays.equals(magic, NpyHeader.MAGIC)) {
        throw new NpyException(where + ": this is no .npy file; it must begin with \\x93NUMPY");
      }
      byte[] version = take(2);
      if (version[0] < 1 || version[0] > 3 || version[1] != 0) {
        throw new NpyException(
            "%s: .npy version %d.%d is not read; 1.0, 2.0 and 3.0 are"
                .formatted(where, version[0] & 0xFF, version[1] & 0xFF));
      }
      byte[] bytes = take(version[0] == 1 ? SHORT_LENGTH : LONG_LENGTH);
      long length = 0;
      for (int i = bytes.length - 1; i >= 0; i--) {
        length = length << 8 | bytes[i] & 0xFF;
      }
      if (length > NpyHeader.LONGEST) {
        throw new NpyException(
            "%s: the header claims %d bytes; at most %d are read"
                .formatted(where, length, NpyHeader.LONGEST));
      }
      String text =
          new String(
              take((int) length),
              version[0] == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
      return DictionaryParser.parse(text, where);
    }

    /** Reads the elements after the header, and requires that the file ends there. */
    Literal elements(NpyHeader header, ArrayShape shape, long fileSize) throws IOException {
      long there = fileSize - consumed;
      if (there != shape.byteSize()) {
        throw new NpyException(
            "%s: the elements of %s take %d bytes, the file has %d"
                .formatted(where, shape, shape.byteSize(), there));
      }
      if (there > Integer.MAX_VALUE - 8) {
        throw new NpyException(where + ": arrays of 2 GiB and more are not read");
      }
      byte[] bytes = take((int) there);
      checkRange(shape.dtype(), bytes);
      return Literal.ofBytes(shape, header.fortranOrder() ? rowMajor(shape, bytes) : bytes);
    }

    private void checkRange(DType type, byte[] bytes) {
      int low;
      int high;
      switch (type) {
        case PRED -> {
          low = 0;
          high = 1;
        }
        case U2, S2, U4, S4, F4E2M1FN -> {
          low = type.isSigned() ? -(1 << (type.bitWidth() - 1)) : 0;
          high = (1 << (type.isSigned() ? type.bitWidth() - 1 : type.bitWidth())) - 1;
        }
        default -> {
          return;
        }
      }
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] < low || bytes[i] > high) {
          throw new NpyException(
              "%s: element %d is %d; %s holds %d to %d"
                  .formatted(
                      where, i, type.isSigned() ? bytes[i] : bytes[i] & 0xFF, type, low, high));
        }
      }
    }

    private byte[] take(int count) throws IOException {
      byte[] out = in.readNBytes(count);
      consumed += out.length;
      if (out.length < count) {
        throw new NpyException(
            "%s: the file ends after %d bytes, %d more were expected"
                .formatted(where, consumed, count - out.length),
            new EOFException());
      }
      return out;
    }
  }

  /** Reorders elements whose first dimension changes fastest. */
  private static byte[] rowMajor(ArrayShape shape, byte[] bytes) {
    int size = shape.dtype().byteSize();
    int rank = shape.rank();
    byte[] out = new byte[bytes.length];
    int[] index = new int[rank];
    long[] strides = shape.strides();
    for (int from = 0; from < bytes.length; from += size) {
      long to = 0;
      for (int d = 0; d < rank; d++) {
        to += index[d] * strides[d];
      }
      System.arraycopy(bytes, from, out, Math.toIntExact(to * size), size);
      for (int d = 0; d < rank && ++index[d] == shape.dim(d); d++) {
        index[d] = 0;
      }
    }
    return out;
  }
}
