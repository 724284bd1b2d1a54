package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Dataset;
import io.lazytensor.data.StreamDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Files of records, of a kind told by their names: {@code .csv}, {@code .tsv}, {@code .jsonl} or
 * {@code .ndjson}, each maybe with {@code .gz} behind it, and {@code .parquet}.
 */
public final class DataFiles {
  private enum Kind {
    CSV,
    TSV,
    JSON_LINES,
    PARQUET
  }

  private DataFiles() {}

  /**
   * Opens a file to be read in any order. Text files are scanned once, now; of Parquet files the
   * latest row groups are kept in memory, so shuffle a large one as a {@link #stream}.
   *
   * @param columns those that are needed; none for all
   * @throws DataException if the file cannot be read, or lacks a column; the message lists those
   *     found
   */
  public static Dataset<DataRow> open(Path file, String... columns) {
    List<String> wanted = List.of(columns);
    return switch (kind(file)) {
      case CSV -> opened(new TextFile(file, false, CsvFormat.csv()), wanted);
      case TSV -> opened(new TextFile(file, false, CsvFormat.tsv()), wanted);
      case JSON_LINES -> opened(new TextFile(file, true, CsvFormat.csv()), wanted);
      case PARQUET -> new ParquetRows(ParquetFile.open(file, wanted));
    };
  }

  /** Opens a text file of a given format to be read in any order. */
  public static Dataset<DataRow> open(Path file, CsvFormat format) {
    return IndexedTextFile.open(new TextFile(file, false, format));
  }

  /**
   * Opens a file to be read in its order.
   *
   * @param columns those that are needed; none for all
   * @throws DataException as {@link #open}
   */
  public static StreamDataset<DataRow> stream(Path file, String... columns) {
    List<String> wanted = List.of(columns);
    return switch (kind(file)) {
      case CSV -> streamed(new TextFile(file, false, CsvFormat.csv()), wanted);
      case TSV -> streamed(new TextFile(file, false, CsvFormat.tsv()), wanted);
      case JSON_LINES -> streamed(new TextFile(file, true, CsvFormat.csv()), wanted);
      case PARQUET -> new ParquetStream(ParquetFile.open(file, wanted));
    };
  }

  /** Opens a text file of a given format to be read in its order. */
  public static StreamDataset<DataRow> stream(Path file, CsvFormat format) {
    return streamed(new TextFile(file, false, format), List.of());
  }

  private static Dataset<DataRow> opened(TextFile file, List<String> wanted) {
    requireColumns(file, wanted);
    return IndexedTextFile.open(file);
  }

  private static StreamDataset<DataRow> streamed(TextFile file, List<String> wanted) {
    requireColumns(file, wanted);
    return StreamedTextFile.open(file);
  }

  private static void requireColumns(TextFile file, List<String> wanted) {
    List<String> missing = file.missing(wanted);
    if (!missing.isEmpty()) {
      throw new DataException(
          "%s: there is no column %s; found %s"
              .formatted(
                  file.path(),
                  String.join(", ", missing.stream().map(name -> "\"" + name + "\"").toList()),
                  String.join(", ", file.columns())));
    }
  }

  private static Kind kind(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    String bare = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    if (bare.endsWith(".csv")) {
      return Kind.CSV;
    }
    if (bare.endsWith(".tsv")) {
      return Kind.TSV;
    }
    if (bare.endsWith(".jsonl") || bare.endsWith(".ndjson")) {
      return Kind.JSON_LINES;
    }
    if (name.endsWith(".parquet")) {
      return Kind.PARQUET;
    }
    throw new DataException(
        file
            + " is of no known kind: names end with .csv, .tsv, .jsonl, .ndjson (each maybe with"
            + " .gz behind it) or .parquet; for other text files give a CsvFormat");
  }
}
