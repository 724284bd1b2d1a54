package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Dataset;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * Bytes in IDX format, gzipped or plain: two zeros, element type 8, rank, dimension sizes as
 * big-endian integers, elements. Source: the file format notes of the MNIST database.
 *
 * @param dims dimension sizes
 * @param data the elements, row-major
 */
public record Idx(int[] dims, byte[] data) {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final long LARGEST = 1L << 30;

  /**
   * Reads a whole file.
   *
   * @param rank how many dimensions it must have
   * @throws DataException if it cannot be read, is no such file, or ends early
   */
  public static Idx read(Path file, int rank) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), rank);
    } catch (IOException e) {
      throw TextFile.unreadable(file, e);
    }
  }

  /**
   * Reads a whole stream.
   *
   * @param name the file's name for messages
   * @param rank how many dimensions it must have
   * @throws DataException if it is no such file, or ends early
   */
  public static Idx read(InputStream source, String name, int rank) throws IOException {
    try (DataInputStream in = new DataInputStream(TextFile.unzipped(source))) {
      int magic = in.readInt();
      int expected = UNSIGNED_BYTE << 8 | rank;
      if (magic != expected) {
        throw damaged(
            name,
            "starts with 0x%08x, an IDX file of bytes with %d dimensions starts with 0x%08x"
                .formatted(magic, rank, expected));
      }
      int[] dims = new int[rank];
      long count = 1;
      for (int i = 0; i < rank; i++) {
        dims[i] = in.readInt();
        count = dims[i] < 0 || count > LARGEST ? LARGEST + 1 : count * dims[i];
      }
      if (count > LARGEST) {
        throw damaged(name, "declares the impossible size " + Arrays.toString(dims));
      }
      byte[] data = in.readNBytes((int) count);
      if (data.length != count || in.read() >= 0) {
        throw damaged(
            name,
            "declares %s, which is %d bytes, and has %s"
                .formatted(
                    Arrays.toString(dims), count, data.length < count ? data.length : "more"));
      }
      return new Idx(dims, data);
    } catch (EOFException e) {
      throw new DataException(message(name, "ends early"), e);
    } catch (ZipException e) {
      throw new DataException(message(name, "is damaged: " + e.getMessage()), e);
    }
  }

  /** Returns the elements as records, one for each index of the first dimension. */
  public Dataset<byte[]> rows() {
    int rowSize = 1;
    for (int i = 1; i < dims.length; i++) {
      rowSize *= dims[i];
    }
    return ArrayRows.of(data, rowSize);
  }

  private static DataException damaged(String name, String what) {
    return new DataException(message(name, what));
  }

  private static String message(String name, String what) {
    return name + " " + what + ". Get the file again.";
  }
}
