package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.UnsupportedException;

/**
 * A place in HLO text, and the words found there. Space and comments are skipped before each.
 *
 * <p>Source: XLA {@code xla/hlo/parser/hlo_lexer.cc}.
 */
final class HloLexer {
  private static final int WIDEST_LINE = 120;
  private static final int LONGEST_WORD = 1000;

  private static final int MOST_COUNTED_OUT = 1 << 22;

  private final String text;
  private int at;
  private long countedOut;

  HloLexer(String text) {
    this.text = text;
  }

  /** Returns where the next word begins. */
  int position() {
    skipSpace();
    return at;
  }

  /** Returns where the last word ended. */
  int end() {
    return at;
  }

  void moveTo(int position) {
    at = position;
  }

  /** Returns what was read since a position. */
  String textSince(int position) {
    return text.substring(position, at);
  }

  /** Returns how many characters are left. */
  int left() {
    return text.length() - at;
  }

  boolean atEnd() {
    return position() == text.length();
  }

  /** Returns the next character that means something; 0 at the end. */
  char peek() {
    return charAt(position());
  }

  private char charAt(int index) {
    return index < text.length() ? text.charAt(index) : '\0';
  }

  boolean at(String prefix) {
    return text.startsWith(prefix, position());
  }

  boolean eat(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  boolean eat(String token) {
    if (!at(token)) {
      return false;
    }
    at += token.length();
    return true;
  }

  void expect(char c, String what) {
    if (!eat(c)) {
      throw expected("'" + c + "' " + what);
    }
  }

  void expect(String token, String what) {
    if (!eat(token)) {
      throw expected("'" + token + "' " + what);
    }
  }

  /** Returns whether a name begins here, with {@code %} or without. */
  boolean atName() {
    char c = peek();
    return c == '%' || isNameStart(c);
  }

  /** Returns whether the word here is a name without {@code %}, and what it is; else empty. */
  String peekName() {
    int from = position();
    if (!isNameStart(charAt(from))) {
      return "";
    }
    int to = from;
    while (isNameChar(charAt(to))) {
      to++;
    }
    return text.substring(from, to);
  }

  /** Reads a name; {@code %} before it is not part of it. */
  String name(String what) {
    int from = position();
    if (charAt(from) == '%') {
      at++;
    }
    int start = at;
    if (!isNameStart(charAt(start))) {
      throw error(from, "expected " + what + ", got " + found(from));
    }
    while (isNameChar(charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  /** Reads a number, a constant of an enumeration or the like; {@code nan} with its payload. */
  String word(String what) {
    int from = position();
    while (isWordChar(charAt(at))) {
      at++;
      if (at - from > LONGEST_WORD) {
        throw error(from, "expected " + what + ", got a word of over 1000 characters");
      }
    }
    if (at == from) {
      throw expected(what);
    }
    if (charAt(at) == '(' && isNan(from)) {
      while (charAt(at) != ')' && charAt(at) != '\0' && at - from < LONGEST_WORD) {
        at++;
      }
      at = Math.min(at + 1, text.length());
    }
    return text.substring(from, at);
  }

  private boolean isNan(int from) {
    String word = text.substring(from, at);
    return word.equals("nan") || word.equals("-nan");
  }

  /** Reads the labels of a convolution, which have an arrow in the middle. */
  String dimLabels() {
    int from = position();
    while (isWordChar(charAt(at)) || charAt(at) == '>') {
      at++;
    }
    return text.substring(from, at);
  }

  int int32(String what) {
    int from = position();
    long value = int64(what);
    if (value != (int) value) {
      throw error(from, what + " " + value + " is out of range: it has 32 bits");
    }
    return (int) value;
  }

  long int64(String what) {
    int from = position();
    if (charAt(at) == '-') {
      at++;
    }
    int digits = at;
    while (isDigit(charAt(at))) {
      at++;
    }
    if (at == digits) {
      at = from;
      throw expected(what);
    }
    try {
      return Long.parseLong(text, from, at, 10);
    } catch (NumberFormatException e) {
      throw error(from, what + " is out of range: it has 64 bits");
    }
  }

  /** Allows numbers the text does not write but counts out, as long as they are not too many. */
  void countOut(int position, long count) {
    countedOut += count;
    if (countedOut > MOST_COUNTED_OUT) {
      throw unsupported(position, "the text counts out over " + MOST_COUNTED_OUT + " replicas");
    }
  }

  // ---- strings and braces -----------------------------------------------------------------------

  /** Reads a quoted string as bytes, one character a byte. */
  String quoted(String what) {
    int from = position();
    char quote = charAt(from);
    if (quote != '"' && quote != '\'') {
      throw expected(what);
    }
    StringBuilder out = new StringBuilder();
    at++;
    while (charAt(at) != quote) {
      if (at >= text.length()) {
        throw error(from, "the string that begins here does not end");
      }
      if (charAt(at) == '\\') {
        at++;
        escape(out);
      } else {
        int codePoint = text.codePointAt(at);
        at += Character.charCount(codePoint);
        if (codePoint < 0x80) {
          out.append((char) codePoint);
        } else {
          out.append(Quoted.toBytes(Character.toString(codePoint)));
        }
      }
    }
    at++;
    return out.toString();
  }

  private void escape(StringBuilder out) {
    char c = charAt(at++);
    switch (c) {
      case 'a' -> out.append('\u0007');
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'n' -> out.append('\n');
      case 'r' -> out.append('\r');
      case 't' -> out.append('\t');
      case 'v' -> out.append('\u000B');
      case '\\', '?', '\'', '"' -> out.append(c);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> {
        at--;
        out.append((char) byteOf(at, digits(8, 3), 8));
      }
      case 'x', 'X' -> out.append((char) byteOf(at, digits(16, Integer.MAX_VALUE), 16));
      case 'u', 'U' -> {
        int from = at;
        String hex = digits(16, c == 'u' ? 4 : 8);
        int codePoint = hex.length() < (c == 'u' ? 4 : 8) ? -1 : (int) Long.parseLong(hex, 16);
        if (!Character.isValidCodePoint(codePoint)) {
          throw error(from, "expected a Unicode character after \\" + c + ", got " + found(from));
        }
        out.append(Quoted.toBytes(Character.toString(codePoint)));
      }
      default -> throw error(at - 1, "unknown escape \\" + c + " in a string");
    }
  }

  private String digits(int radix, int most) {
    int from = at;
    while (at - from < most && Character.digit(asciiAt(at), radix) >= 0) {
      at++;
    }
    return text.substring(from, at);
  }

  private char asciiAt(int index) {
    char c = charAt(index);
    return c < 0x80 ? c : '\0';
  }

  private int byteOf(int from, String digits, int radix) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    int value =
        significant.isEmpty() || significant.length() > 3
            ? -1
            : Integer.parseInt(significant, radix);
    if (value < 0 || value > 0xFF) {
      throw error(from, "expected the code of a byte, got \"" + digits + "\"");
    }
    return value;
  }

  /** Skips from an opening bracket behind the one that closes it. */
  void skipBracketed() {
    int from = position();
    int depth = 0;
    do {
      char c = peek();
      switch (c) {
        case '\0' -> {
          if (at >= text.length()) {
            throw error(from, "the " + charAt(from) + " here is not closed");
          }
          at++;
        }
        case '{', '[', '(' -> {
          depth++;
          at++;
        }
        case '}', ']', ')' -> {
          depth--;
          at++;
        }
        case '"', '\'' -> skipQuoted(c);
        default -> at++;
      }
    } while (depth > 0);
  }

  private void skipQuoted(char quote) {
    int from = at++;
    while (charAt(at) != quote) {
      if (at >= text.length()) {
        throw error(from, "the string that begins here does not end");
      }
      at += charAt(at) == '\\' ? 2 : 1;
    }
    at++;
  }

  /** Reads a dictionary in braces as it stands, as bytes, one character a byte. */
  String dictionary() {
    int from = position();
    int to = BackendConfigText.dictionaryEnd(text, from);
    if (to < 0) {
      throw error(from, "expected a dictionary in braces or a string, got " + found(from));
    }
    at = to;
    return Quoted.toBytes(text.substring(from, to));
  }

  // ---- space ------------------------------------------------------------------------------------

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        at++;
      } else if (c == '/' && charAt(at + 1) == '*') {
        int close = text.indexOf("*/", at + 2);
        if (close < 0) {
          throw error(at, "the comment that begins here does not end");
        }
        at = close + 2;
      } else if (c == '/' && charAt(at + 1) == '/') {
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
          at++;
        }
      } else {
        return;
      }
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isNameChar(char c) {
    return isNameStart(c) || isDigit(c) || c == '.' || c == '-';
  }

  private static boolean isWordChar(char c) {
    return isNameChar(c) || c == '+' || c == '?';
  }

  // ---- errors -----------------------------------------------------------------------------------

  HloFormatException expected(String what) {
    int from = position();
    return error(from, "expected " + what + ", got " + found(from));
  }

  HloFormatException error(int position, String message) {
    return new HloFormatException(describe(position, message));
  }

  UnsupportedException unsupported(int position, String message) {
    return new UnsupportedException(describe(position, message));
  }

  private String found(int from) {
    if (from >= text.length()) {
      return "the end of the text";
    }
    int to = from;
    while (isWordChar(charAt(to)) && to - from < 40) {
      to++;
    }
    return "\"" + text.substring(from, Math.max(to, from + 1)) + "\"";
  }

  /** Says line and column, and shows the line with a caret below. */
  private String describe(int position, String message) {
    int where = Math.min(position, text.length());
    int line = 1;
    int start = 0;
    for (int i = 0; i < where; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        start = i + 1;
      }
    }
    int column = where - start;
    int stop = text.indexOf('\n', where);
    int end = stop < 0 ? text.length() : stop;
    int from = Math.max(start, where - WIDEST_LINE / 2);
    int to = Math.min(end, from + WIDEST_LINE);
    String shown = text.substring(from, to).replaceAll("\\p{Cntrl}", " ");
    return "HLO text, line %d, column %d: %s%n  %s%n  %s^"
        .formatted(line, column + 1, message, shown, " ".repeat(where - from))
        .replace(System.lineSeparator(), "\n");
  }
}
