package io.lazytensor.xla.text;

import java.nio.charset.StandardCharsets;

/** A backend configuration in HLO text: a dictionary in braces as it is, anything else quoted. */
final class BackendConfigText {
  private BackendConfigText() {}

  /** Writes a configuration of bytes, one character a byte. */
  static String of(String bytes) {
    if (dictionaryEnd(bytes, 0) == bytes.length()) {
      String text = Quoted.toText(bytes);
      if (text.getBytes(StandardCharsets.UTF_8).length == bytes.length()
          && Quoted.toBytes(text).equals(bytes)
          && bytes.indexOf('\0') < 0) {
        return text;
      }
    }
    return Quoted.bytes(bytes);
  }

  /**
   * Returns the end of a dictionary in braces, or -1. Braces in double-quoted strings do not count.
   *
   * @param from where the first brace is
   */
  static int dictionaryEnd(String text, int from) {
    int depth = 0;
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return i + 1;
      }
      if (depth == 0) {
        return -1;
      }
    }
    return -1;
  }
}
