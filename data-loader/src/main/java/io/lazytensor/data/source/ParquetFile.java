package io.lazytensor.data.source;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.SchemaNode;
import io.lazytensor.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is in a Parquet file, and how to read some of it.
 *
 * @param columns those that are read
 * @param starts the first row of each row group, and the number of rows
 */
record ParquetFile(Path path, List<String> columns, long[] starts) {

  /**
   * Reads the file's footer.
   *
   * @param wanted columns to read; none for all
   */
  static ParquetFile open(Path path, List<String> wanted) {
    if (!Files.isRegularFile(path)) {
      throw new DataException(path + " cannot be read: there is no such file");
    }
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(path))) {
      List<String> found = new ArrayList<>();
      for (SchemaNode node : reader.getFileSchema().getRootNode().children()) {
        found.add(node.name());
      }
      for (String column : wanted) {
        if (!found.contains(column)) {
          throw new DataException(
              "%s: there is no column \"%s\"; found %s"
                  .formatted(path, column, String.join(", ", found)));
        }
      }
      List<RowGroup> groups = reader.getFileMetaData().rowGroups();
      long[] starts = new long[groups.size() + 1];
      for (int i = 0; i < groups.size(); i++) {
        starts[i + 1] = starts[i] + groups.get(i).numRows();
      }
      return new ParquetFile(path, wanted.isEmpty() ? found : List.copyOf(wanted), starts);
    } catch (IOException | RuntimeException | LinkageError e) {
      throw failed(path, e);
    }
  }

  static DataException failed(Path path, Throwable e) {
    if (e instanceof DataException known) {
      return known;
    }
    String hint =
        e instanceof LinkageError
            ? ". Files compressed with ZSTD need com.github.luben:zstd-jni, with SNAPPY"
                + " org.xerial.snappy:snappy-java, on the class path"
            : "";
    return new DataException("%s cannot be read as Parquet: %s%s".formatted(path, e, hint), e);
  }

  long rows() {
    return starts[starts.length - 1];
  }

  /** Returns the row group a row is in. */
  int groupOf(long row) {
    int found = java.util.Arrays.binarySearch(starts, row);
    int group = found >= 0 ? found : -found - 2;
    // An empty row group starts where the next one does.
    while (starts[group + 1] <= row) {
      group++;
    }
    return group;
  }

  String where(long row) {
    return path + ":" + (row + 1);
  }

  /** Rows from one on. */
  final class Rows implements AutoCloseable {
    private final ParquetFileReader reader;
    private final RowReader rows;
    private long next;

    /**
     * Begins to read.
     *
     * @param count how many rows to read, or -1 for all that are left
     */
    Rows(long from, long count) {
      this.next = from;
      try {
        this.reader = ParquetFileReader.open(InputFile.of(path));
      } catch (IOException | RuntimeException | LinkageError e) {
        throw failed(path, e);
      }
      try {
        ParquetFileReader.RowReaderBuilder builder =
            reader
                .buildRowReader()
                .projection(ColumnProjection.columns(columns.toArray(String[]::new)));
        if (from > 0) {
          builder.skip(from);
        }
        if (count >= 0) {
          builder.head(count);
        }
        this.rows = builder.build();
      } catch (RuntimeException | LinkageError e) {
        closeReader();
        throw failed(path, e);
      }
    }

    /** Returns the next row, or null behind the last. */
    @Nullable DataRow next() {
      try {
        if (!rows.hasNext()) {
          return null;
        }
        rows.next();
        SequencedMap<String, Object> values = LinkedHashMap.newLinkedHashMap(columns.size());
        for (String column : columns) {
          put(values, column, rows.isNull(column) ? null : rows.getValue(column));
        }
        return new DataRow(where(next++), values);
      } catch (RuntimeException | LinkageError e) {
        throw failed(path, e);
      }
    }

    private void closeReader() {
      try {
        reader.close();
      } catch (IOException e) {
        throw failed(path, e);
      }
    }

    @Override
    public void close() {
      rows.close();
      closeReader();
    }
  }

  // A column without a value stays, so that messages tell "no value" from "no column".
  @SuppressWarnings("NullAway")
  private static void put(Map<String, Object> values, String column, @Nullable Object value) {
    values.put(column, value == null ? null : plain(value));
  }

  private static Object plain(Object value) {
    return switch (value) {
      case Integer number -> number.longValue();
      case Float number -> number.doubleValue();
      case Long _, Double _, Boolean _, String _, byte[] _ -> value;
      case PqList list -> {
        List<Object> out = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
          if (list.isNull(i)) {
            throw new DataException("a list holds null");
          }
          out.add(plain(list.get(i)));
        }
        yield out;
      }
      case PqStruct _, PqMap _ -> Map.of();
      default -> value.toString();
    };
  }
}
