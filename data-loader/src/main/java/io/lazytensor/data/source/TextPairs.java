package io.lazytensor.data.source;

import io.lazytensor.data.Dataset;
import io.lazytensor.data.StreamDataset;
import java.nio.file.Path;

/** Pairs of texts from two columns of a file, see {@link DataFiles} for its kind. */
public final class TextPairs {
  private TextPairs() {}

  /**
   * Opens a file to be read in any order.
   *
   * @param query the column with the first text
   * @param item the column with the second
   * @throws io.lazytensor.data.DataException if the file cannot be read, or lacks a column; reading
   *     a pair throws it if a text is missing or blank
   */
  public static Dataset<TextPair> open(Path file, String query, String item) {
    return of(DataFiles.open(file, query, item), query, item);
  }

  /** Opens a file to be read in its order. */
  public static StreamDataset<TextPair> stream(Path file, String query, String item) {
    return DataFiles.stream(file, query, item).map(row -> pair(row, query, item));
  }

  /** Takes two columns of records. */
  public static Dataset<TextPair> of(Dataset<DataRow> rows, String query, String item) {
    return rows.map(row -> pair(row, query, item));
  }

  private static TextPair pair(DataRow row, String query, String item) {
    return new TextPair(row.nonBlankText(query), row.nonBlankText(item));
  }
}
