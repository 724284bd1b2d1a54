package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Dataset;
import io.lazytensor.data.Fingerprint;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Arrays as data sets, one record for each row; {@link Dataset#zip} joins several. The arrays must
 * not change any more.
 */
public final class ArrayRows {
  private record Rows<T>(int count, IntFunction<T> row, String fingerprint) implements Dataset<T> {
    @Override
    public long size() {
      return count;
    }

    @Override
    public T get(long index) {
      if (index < 0 || index >= count) {
        throw new DataException("row %d is out of range: there are %d".formatted(index, count));
      }
      return row.apply((int) index);
    }

    @Override
    public String describe(long index) {
      return "row " + index;
    }
  }

  private ArrayRows() {}

  /**
   * Returns rows of numbers.
   *
   * @param values rows of {@code rowSize} values, one after the other
   * @throws DataException if the last row is not complete
   */
  public static Dataset<float[]> of(float[] values, int rowSize) {
    return new Rows<>(
        rows(values.length, rowSize),
        row -> Arrays.copyOfRange(values, row * rowSize, (row + 1) * rowSize),
        fingerprint(MemorySegment.ofArray(values), rowSize));
  }

  /**
   * Returns rows of integers.
   *
   * @param values rows of {@code rowSize} values, one after the other
   * @throws DataException if the last row is not complete
   */
  public static Dataset<int[]> of(int[] values, int rowSize) {
    return new Rows<>(
        rows(values.length, rowSize),
        row -> Arrays.copyOfRange(values, row * rowSize, (row + 1) * rowSize),
        fingerprint(MemorySegment.ofArray(values), rowSize));
  }

  /**
   * Returns rows of bytes.
   *
   * @param values rows of {@code rowSize} values, one after the other
   * @throws DataException if the last row is not complete
   */
  public static Dataset<byte[]> of(byte[] values, int rowSize) {
    return new Rows<>(
        rows(values.length, rowSize),
        row -> Arrays.copyOfRange(values, row * rowSize, (row + 1) * rowSize),
        fingerprint(MemorySegment.ofArray(values), rowSize));
  }

  private static int rows(int values, int rowSize) {
    if (rowSize < 1 || values % rowSize != 0) {
      throw new DataException(
          "%d values are no rows of %d; give a whole number of rows".formatted(values, rowSize));
    }
    return values / rowSize;
  }

  private static String fingerprint(MemorySegment values, int rowSize) {
    return Fingerprint.of("array").add(rowSize).add(values).toString();
  }
}
