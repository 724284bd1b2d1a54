package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One record of a file: values by column. Each getter says file, line and column of a value that is
 * missing or of another kind.
 */
public final class DataRow {
  private final String where;
  private final SequencedMap<String, Object> values;

  /**
   * Wraps values.
   *
   * @param where the record, for messages: {@code pairs.tsv:17}
   * @param values a {@link String}, {@link Long}, {@link Double}, {@link Boolean}, or a {@link
   *     List} of such, by column; columns without a value are left out or map to {@code null}
   */
  DataRow(String where, SequencedMap<String, Object> values) {
    this.where = where;
    this.values = values;
  }

  /** Returns where the record is. */
  public String where() {
    return where;
  }

  /** Returns the columns' names in order. */
  public List<String> columns() {
    return List.copyOf(values.keySet());
  }

  /** Returns whether a column has a value here. */
  public boolean has(String column) {
    return values.get(column) != null;
  }

  /**
   * Returns a text; numbers are given as text.
   *
   * @throws DataException if there is no value, or a list
   */
  public String text(String column) {
    Object value = value(column);
    return switch (value) {
      case String text -> text;
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      default -> throw wrong(column, "a text", value);
    };
  }

  /**
   * Returns a text that has more than white space.
   *
   * @throws DataException if there is no value, or it is blank
   */
  public String nonBlankText(String column) {
    String text = text(column);
    if (text.isBlank()) {
      throw new DataException("%s: column \"%s\" is empty".formatted(where, column));
    }
    return text;
  }

  /**
   * Returns an integer.
   *
   * @throws DataException if there is no value, or none of 64 bits
   */
  public long integer(String column) {
    return integer(column, value(column));
  }

  private long integer(String column, Object value) {
    return switch (value) {
      case Long number -> number;
      case String text -> parsed(column, text, "an integer", Long::parseLong);
      default -> throw wrong(column, "an integer", value);
    };
  }

  /**
   * Returns a number.
   *
   * @throws DataException if there is no value, or no number
   */
  public double number(String column) {
    return number(column, value(column));
  }

  private double number(String column, Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case String text -> parsed(column, text, "a number", Double::parseDouble);
      default -> throw wrong(column, "a number", value);
    };
  }

  /**
   * Returns a boolean.
   *
   * @throws DataException if there is no value, or another than true and false
   */
  public boolean flag(String column) {
    Object value = value(column);
    return switch (value) {
      case Boolean flag -> flag;
      case String text when text.equalsIgnoreCase("true") -> true;
      case String text when text.equalsIgnoreCase("false") -> false;
      default -> throw wrong(column, "true or false", value);
    };
  }

  /**
   * Returns a list of numbers.
   *
   * @throws DataException if there is no value, or no list of numbers
   */
  public float[] floats(String column) {
    List<?> list = list(column);
    float[] out = new float[list.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) number(column, list.get(i));
    }
    return out;
  }

  /**
   * Returns a list of integers.
   *
   * @throws DataException if there is no value, or no list of integers of 32 bits
   */
  public int[] ints(String column) {
    List<?> list = list(column);
    int[] out = new int[list.size()];
    for (int i = 0; i < out.length; i++) {
      long value = integer(column, list.get(i));
      if (value != (int) value) {
        throw wrong(column, "integers of 32 bits", value);
      }
      out[i] = (int) value;
    }
    return out;
  }

  private List<?> list(String column) {
    Object value = value(column);
    return value instanceof List<?> list ? list : refused(column, "a list", value);
  }

  private <R> R refused(String column, String expected, Object value) {
    throw wrong(column, expected, value);
  }

  private Object value(String column) {
    Object value = values.get(column);
    if (value != null) {
      return value;
    }
    if (values.containsKey(column)) {
      throw new DataException("%s: column \"%s\" has no value".formatted(where, column));
    }
    throw new DataException(
        "%s: there is no column \"%s\"; found %s"
            .formatted(where, column, String.join(", ", values.keySet())));
  }

  private <R> R parsed(String column, String text, String kind, Function<String, R> parser) {
    try {
      return parser.apply(text.strip());
    } catch (NumberFormatException e) {
      throw new DataException(
          "%s: column \"%s\" takes %s, got \"%s\"".formatted(where, column, kind, shortened(text)),
          e);
    }
  }

  private DataException wrong(String column, String expected, @Nullable Object value) {
    String got =
        switch (value) {
          case null -> "nothing";
          case List<?> _ -> "a list";
          case Map<?, ?> _ -> "an object";
          default -> "\"" + shortened(value.toString()) + "\"";
        };
    return new DataException(
        "%s: column \"%s\" takes %s, got %s".formatted(where, column, expected, got));
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }

  /** Returns where the record is and its columns; never data. */
  @Override
  public String toString() {
    return where + " " + values.keySet();
  }
}
