package io.lazytensor.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of the JSON in checkpoints: objects, arrays, strings and whole numbers, and all
 * of JSON where a file may hold remarks. Repeated keys are refused, for readers disagree on which
 * one counts.
 */
final class Json {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_DIGITS = 19;
  private static final char DELETE = 0x7f;

  private static final Pattern LITERAL =
      Pattern.compile("true|false|null|-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?");

  private final String text;
  private final boolean anything;
  private int at;
  private int depth;

  private Json(String text, boolean anything) {
    this.text = text;
    this.anything = anything;
  }

  /** Returns the one value: a {@link Map}, {@link List}, {@link String} or {@link Long}. */
  static Object read(String text) {
    return new Json(text, false).read();
  }

  /**
   * Returns the one value as {@link #read} does; other numbers and literals are {@link Literal}.
   */
  static Object readAnything(String text) {
    return new Json(text, true).read();
  }

  /** A number or literal that only remarks have, as it is written. */
  record Literal(String text) {}

  private Object read() {
    Object value = value();
    skipSpace();
    if (at != text.length()) {
      throw wrong("the end");
    }
    return value;
  }

  private CheckpointException wrong(String expected) {
    return new CheckpointException(
        "the JSON text is wrong at character %d: expected %s".formatted(at, expected));
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char next() {
    if (at >= text.length()) {
      throw wrong("more");
    }
    return text.charAt(at++);
  }

  private boolean skip(char wanted) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void require(char wanted) {
    if (!skip(wanted)) {
      throw wrong("'" + wanted + "'");
    }
  }

  private Object value() {
    if (++depth > MAX_DEPTH) {
      throw new CheckpointException("the JSON text is nested too deeply");
    }
    skipSpace();
    char first = next();
    at--;
    Object value =
        switch (first) {
          case '{' -> object();
          case '[' -> array();
          case '"' -> string();
          default -> anything ? literal() : number();
        };
    depth--;
    return value;
  }

  private Map<String, Object> object() {
    Map<String, Object> out = new LinkedHashMap<>();
    require('{');
    if (skip('}')) {
      return out;
    }
    do {
      skipSpace();
      String key = string();
      require(':');
      if (out.put(key, value()) != null) {
        throw new CheckpointException("the JSON text has \"" + key + "\" twice");
      }
    } while (skip(','));
    require('}');
    return out;
  }

  private List<Object> array() {
    List<Object> out = new ArrayList<>();
    require('[');
    if (skip(']')) {
      return out;
    }
    do {
      out.add(value());
    } while (skip(','));
    require(']');
    return out;
  }

  private Object literal() {
    Matcher literal = LITERAL.matcher(text).region(at, text.length());
    if (!literal.lookingAt()) {
      throw wrong("a value");
    }
    String found = literal.group();
    if (found.length() < MAX_DIGITS && found.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return number();
    }
    at += found.length();
    return new Literal(found);
  }

  private Long number() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    int digits = at - start;
    boolean leadingZero = digits > 1 && text.charAt(start) == '0';
    if (digits == 0 || digits > MAX_DIGITS || leadingZero) {
      throw wrong("a whole number from 0 on that fits into 63 bits");
    }
    long value = 0;
    for (int i = start; i < at; i++) {
      value = value * 10 + (text.charAt(i) - '0');
    }
    // 19 digits overflow 63 bits but not 64, so a sign tells.
    if (value < 0) {
      throw wrong("a number that fits into 63 bits");
    }
    return value;
  }

  private String string() {
    if (next() != '"') {
      at--;
      throw wrong("a string");
    }
    StringBuilder out = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) {
      if (c < ' ') {
        throw wrong("no control character");
      }
      out.append(c == '\\' ? escaped() : c);
    }
    return out.toString();
  }

  private char escaped() {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw wrong("an escape sequence");
    };
  }

  private char unicode() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(next(), 16);
      if (digit < 0) {
        throw wrong("four hexadecimal digits");
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }

  /** Returns a string in quotes, escaped as serde_json does. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  /** Returns a string in quotes, escaped as Python's {@code json.dumps} does: ASCII only. */
  static String quoteAscii(String text) {
    StringBuilder out = new StringBuilder();
    String quoted = quote(text);
    for (int i = 0; i < quoted.length(); i++) {
      char c = quoted.charAt(i);
      if (c < DELETE) {
        out.append(c);
      } else {
        out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    return out.toString();
  }
}
