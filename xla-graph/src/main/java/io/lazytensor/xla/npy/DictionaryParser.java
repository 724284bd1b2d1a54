package io.lazytensor.xla.npy;

import io.lazytensor.xla.ir.Dims;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads the header's Python dictionary: three entries in any order, and nothing else. */
final class DictionaryParser {
  /** NumPy's own limit is 64 dimensions. */
  private static final int MOST_DIMENSIONS = 64;

  private final String text;
  private final String where;
  private int at;

  private DictionaryParser(String text, String where) {
    this.text = text;
    this.where = where;
  }

  /**
   * Parses a dictionary.
   *
   * @param where the file, for messages
   * @throws NpyException if it is none, or an entry is missing, unknown or repeated
   */
  static NpyHeader parse(String text, String where) {
    return new DictionaryParser(text, where).header();
  }

  private NpyHeader header() {
    @Nullable String descriptor = null;
    @Nullable Boolean fortranOrder = null;
    @Nullable Dims dims = null;
    expect('{');
    while (!skip('}')) {
      String key = string("the name of an entry");
      expect(':');
      if (key.equals("descr") && descriptor == null) {
        descriptor = descriptor();
      } else if (key.equals("fortran_order") && fortranOrder == null) {
        fortranOrder = truth();
      } else if (key.equals("shape") && dims == null) {
        dims = dims();
      } else {
        throw broken("the entry \"" + key + "\" is unknown or comes twice");
      }
      if (!skip(',')) {
        expect('}');
        break;
      }
    }
    space();
    if (at < text.length()) {
      throw broken("something follows the dictionary");
    }
    if (descriptor == null || fortranOrder == null || dims == null) {
      throw broken("it lacks one of descr, fortran_order and shape");
    }
    return new NpyHeader(descriptor, fortranOrder, dims);
  }

  private String descriptor() {
    space();
    if (at < text.length() && text.charAt(at) == '[') {
      throw broken("it describes records with fields; only plain arrays are read");
    }
    return string("the element type");
  }

  private boolean truth() {
    space();
    if (text.startsWith("True", at)) {
      at += "True".length();
      return true;
    }
    if (text.startsWith("False", at)) {
      at += "False".length();
      return false;
    }
    throw broken("fortran_order is neither True nor False");
  }

  private Dims dims() {
    int[] sizes = new int[MOST_DIMENSIONS];
    int count = 0;
    expect('(');
    while (!skip(')')) {
      if (count == MOST_DIMENSIONS) {
        throw broken("it has more than " + MOST_DIMENSIONS + " dimensions");
      }
      sizes[count++] = size();
      if (!skip(',')) {
        expect(')');
        break;
      }
    }
    return Dims.of(Arrays.copyOf(sizes, count));
  }

  private int size() {
    space();
    int from = at;
    long value = 0;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      value = value * 10 + (text.charAt(at++) - '0');
      if (value > Integer.MAX_VALUE) {
        throw broken("a dimension is larger than " + Integer.MAX_VALUE);
      }
    }
    if (from == at) {
      throw broken("a dimension is no number");
    }
    skipLong();
    return (int) value;
  }

  /** Python 2 wrote large integers with a trailing L. */
  private void skipLong() {
    if (at < text.length() && text.charAt(at) == 'L') {
      at++;
    }
  }

  private String string(String what) {
    space();
    char quote = at < text.length() ? text.charAt(at) : 0;
    int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
    if (end < 0) {
      throw broken(what + " is no text in quotes");
    }
    String out = text.substring(at + 1, end);
    at = end + 1;
    return out;
  }

  private void expect(char c) {
    if (!skip(c)) {
      throw broken("expected '" + c + "' at character " + at);
    }
  }

  private boolean skip(char c) {
    space();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private NpyException broken(String why) {
    String shown = text.length() <= 120 ? text.strip() : text.substring(0, 120) + "…";
    return new NpyException(
        "%s: the header of this .npy file is damaged: %s; it reads %s"
            .formatted(where, why, printable(shown)));
  }

  private static String printable(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
