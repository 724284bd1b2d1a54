package io.lazytensor.data;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a batch holds of each record. A column of a batch has one row for each record; its name is
 * that of a component of the batch's record type.
 *
 * @param <T> a record
 */
public final class Columns<T> {
  /** One declared column. */
  sealed interface Column<T> {
    String name();
  }

  /** Writes a record's values into a row of a batch. */
  @FunctionalInterface
  interface RowWriter<T> {
    /** Writes from an element on, or says how many values there were instead. */
    int write(T record, Object target, int from);
  }

  /** Values of the same shape for each record. */
  record Fixed<T>(String name, ArrayShape row, RowWriter<T> writer) implements Column<T> {}

  /** Tokens, padded to {@code length}, or to the loader's buckets if it is 0. */
  record Tokens<T>(
      String name, @Nullable String mask, int length, int pad, Function<? super T, TokenIds> ids)
      implements Column<T> {}

  /** 1 for rows that count. */
  record Weights<T>(String name) implements Column<T> {}

  private final List<Column<T>> columns;

  private Columns(List<Column<T>> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Begins a declaration. */
  public static <T> Builder<T> builder() {
    return new Builder<>();
  }

  List<Column<T>> list() {
    return columns;
  }

  /** Returns the names of the batch's tensors, in order. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    for (Column<T> column : columns) {
      names.add(column.name());
      if (column instanceof Tokens<T> tokens && tokens.mask() != null) {
        names.add(tokens.mask());
      }
    }
    return names;
  }

  boolean hasWeights() {
    return columns.stream().anyMatch(column -> column instanceof Weights<T>);
  }

  /** Returns whether a column is padded to the loader's buckets. */
  boolean needsBuckets() {
    return columns.stream()
        .anyMatch(column -> column instanceof Tokens<T> tokens && tokens.length() == 0);
  }

  /**
   * Declares columns, in any order.
   *
   * @param <T> a record
   */
  public static final class Builder<T> {
    private final List<Column<T>> columns = new ArrayList<>();

    private Builder() {}

    /** Adds a number: {@code f32[batch]}. */
    public Builder<T> floats(String name, ToDoubleFunction<? super T> value) {
      return add(
          new Fixed<>(
              name,
              ArrayShape.scalar(DType.F32),
              (record, target, from) -> {
                ((float[]) target)[from] = (float) value.applyAsDouble(record);
                return 1;
              }));
    }

    /** Adds {@code size} numbers: {@code f32[batch, size]}. */
    public Builder<T> floats(String name, int size, Function<? super T, float[]> values) {
      return floats(name, new int[] {size}, values);
    }

    /** Adds an array, given in row-major order: {@code f32[batch, dims…]}. */
    public Builder<T> floats(String name, int[] dims, Function<? super T, float[]> values) {
      ArrayShape shape = row(name, DType.F32, dims);
      int size = Math.toIntExact(shape.elementCount());
      return add(
          new Fixed<>(
              name,
              shape,
              (record, target, from) -> {
                float[] row = values.apply(record);
                System.arraycopy(row, 0, target, from, Math.min(row.length, size));
                return row.length;
              }));
    }

    /** Adds an integer: {@code s32[batch]}. */
    public Builder<T> ints(String name, ToIntFunction<? super T> value) {
      return add(
          new Fixed<>(
              name,
              ArrayShape.scalar(DType.S32),
              (record, target, from) -> {
                ((int[]) target)[from] = value.applyAsInt(record);
                return 1;
              }));
    }

    /** Adds {@code size} integers: {@code s32[batch, size]}. */
    public Builder<T> ints(String name, int size, Function<? super T, int[]> values) {
      return ints(name, new int[] {size}, values);
    }

    /** Adds an array of integers, given in row-major order: {@code s32[batch, dims…]}. */
    public Builder<T> ints(String name, int[] dims, Function<? super T, int[]> values) {
      ArrayShape shape = row(name, DType.S32, dims);
      int size = Math.toIntExact(shape.elementCount());
      return add(
          new Fixed<>(
              name,
              shape,
              (record, target, from) -> {
                int[] row = values.apply(record);
                System.arraycopy(row, 0, target, from, Math.min(row.length, size));
                return row.length;
              }));
    }

    /**
     * Adds {@code size} bytes as numbers from 0 to 1, as grey values are: {@code f32[batch, size]}.
     */
    public Builder<T> pixels(String name, int size, Function<? super T, byte[]> values) {
      return add(
          new Fixed<>(
              name,
              row(name, DType.F32, size),
              (record, target, from) -> {
                byte[] row = values.apply(record);
                float[] all = (float[]) target;
                for (int i = 0; i < row.length && i < size; i++) {
                  all[from + i] = (row[i] & 0xFF) / 255f;
                }
                return row.length;
              }));
    }

    /**
     * Adds tokens, padded to the loader's {@link Buckets}: {@code s32[batch, length]}, and a mask
     * {@code pred[batch, length]} of what is no padding. The first token of a row that does not
     * count is in the mask too, so that a softmax over the row has something to look at.
     *
     * @param mask the name of the mask
     * @param pad the token to pad with
     */
    public Builder<T> tokens(String name, String mask, int pad, Function<? super T, TokenIds> ids) {
      return add(new Tokens<>(name, mask, 0, pad, ids));
    }

    /** Adds tokens and their mask, padded and cut to a length of their own. */
    public Builder<T> tokens(
        String name, String mask, int length, int pad, Function<? super T, TokenIds> ids) {
      if (length < 1) {
        throw new DataException("column " + name + " needs a length of at least 1, got " + length);
      }
      return add(new Tokens<>(name, mask, length, pad, ids));
    }

    /** Adds {@code f32[batch]}: 1 for rows that count, 0 for those that only fill the batch. */
    public Builder<T> weights(String name) {
      return add(new Weights<>(name));
    }

    /**
     * Returns the columns.
     *
     * @throws DataException if there are none, or two of the same name
     */
    public Columns<T> build() {
      Columns<T> built = new Columns<>(columns);
      Set<String> seen = new LinkedHashSet<>();
      for (String name : built.names()) {
        if (!seen.add(name)) {
          throw new DataException("two columns are named \"" + name + "\"");
        }
      }
      if (seen.isEmpty()) {
        throw new DataException("a batch needs at least one column");
      }
      return built;
    }

    private Builder<T> add(Column<T> column) {
      columns.add(column);
      return this;
    }

    private static ArrayShape row(String name, DType dtype, int... dims) {
      ArrayShape shape = ArrayShape.of(dtype, dims);
      if (shape.elementCount() < 1 || shape.elementCount() > Integer.MAX_VALUE) {
        throw new DataException(
            "column %s takes 1 to %,d elements a record, got %s"
                .formatted(name, Integer.MAX_VALUE, shape));
      }
      return shape;
    }
  }
}
