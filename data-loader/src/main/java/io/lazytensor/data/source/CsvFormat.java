package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import java.util.HashSet;
import java.util.List;

/**
 * How lines are divided into fields.
 *
 * @param separator between fields
 * @param quoted whether a field may be in double quotes, as RFC 4180 has it
 * @param columns names of the columns, or none if the first line has them
 */
public record CsvFormat(char separator, boolean quoted, List<String> columns) {
  /** Checks separator and names. */
  public CsvFormat {
    columns = List.copyOf(columns);
    if (separator > 127 || separator == '"' || separator == '\n' || separator == '\r') {
      throw new DataException(
          "a separator is an ASCII character other than a quote or line end, got " + separator);
    }
    if (new HashSet<>(columns).size() != columns.size()) {
      throw new DataException("a column is named twice in " + columns);
    }
  }

  /** Commas, fields maybe in quotes, names in the first line. */
  public static CsvFormat csv() {
    return new CsvFormat(',', true, List.of());
  }

  /** Tabs, quotes are characters like others, names in the first line. */
  public static CsvFormat tsv() {
    return new CsvFormat('\t', false, List.of());
  }

  /** Returns this format for files whose first line is a record already. */
  public CsvFormat withColumns(String... names) {
    return new CsvFormat(separator, quoted, List.of(names));
  }

  /** Returns this format with another separator. */
  public CsvFormat withSeparator(char value) {
    return new CsvFormat(value, quoted, columns);
  }
}
