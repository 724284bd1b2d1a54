package io.lazytensor.data.source;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import io.lazytensor.data.DataException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Divides a line into fields. */
final class CsvParser implements RowParser {
  private final CsvFormat format;
  private final List<String> columns;

  private CsvParser(CsvFormat format, List<String> columns) {
    this.format = format;
    this.columns = columns;
  }

  /** Returns a parser for a file of a known header. */
  static CsvParser of(CsvFormat format) {
    return new CsvParser(format, format.columns());
  }

  /** Returns a parser for a file with this first line. */
  static CsvParser ofHeader(CsvFormat format, String header, String where) {
    List<String> columns = fields(format, header, where);
    if (new HashSet<>(columns).size() != columns.size()) {
      throw new DataException(
          "%s: the header names a column twice: %s".formatted(where, String.join(", ", columns)));
    }
    return new CsvParser(format, columns);
  }

  List<String> columns() {
    return columns;
  }

  @Override
  public DataRow parse(String text, String where) {
    List<String> fields = fields(format, text, where);
    if (fields.size() != columns.size()) {
      throw new DataException(
          "%s: the record has %d fields, there are %d columns: %s"
              .formatted(where, fields.size(), columns.size(), String.join(", ", columns)));
    }
    SequencedMap<String, Object> values = LinkedHashMap.newLinkedHashMap(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      values.put(columns.get(i), fields.get(i));
    }
    return new DataRow(where, values);
  }

  private static List<String> fields(CsvFormat format, String text, String where) {
    if (!format.quoted()) {
      return split(text, format.separator());
    }
    try {
      return CsvReader.builder()
          .fieldSeparator(format.separator())
          .allowUnclosedQuote(false)
          .allowExtraCharsAfterClosingQuote(false)
          .ofSingleCsvRecord(text)
          .getFields();
    } catch (CsvParseException e) {
      throw new DataException(where + ": the record is malformed: " + e.getMessage(), e);
    }
  }

  private static List<String> split(String text, char separator) {
    List<String> fields = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
      fields.add(text.substring(from, at));
      from = at + 1;
    }
    fields.add(text.substring(from));
    return fields;
  }

  @Override
  public String describe() {
    return format.separator() + (format.quoted() ? " quoted " : " ") + columns;
  }
}
