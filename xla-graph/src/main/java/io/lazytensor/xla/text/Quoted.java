package io.lazytensor.xla.text;

import java.nio.charset.StandardCharsets;

/**
 * Quoted strings of HLO text: bytes, with C's escapes for those that do not print.
 *
 * <p>Strings of bytes are kept as {@code String}s with one character a byte.
 */
final class Quoted {
  private Quoted() {}

  /** Quotes a string of bytes. */
  static String bytes(String bytes) {
    StringBuilder out = new StringBuilder(bytes.length() + 2).append('"');
    for (int i = 0; i < bytes.length(); i++) {
      char c = bytes.charAt(i);
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '"' -> out.append("\\\"");
        case '\'' -> out.append("\\'");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c < 0x20 || c >= 0x7F) {
            out.append('\\').append((char) ('0' + (c >> 6 & 3)));
            out.append((char) ('0' + (c >> 3 & 7))).append((char) ('0' + (c & 7)));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  /** Quotes a string of bytes as MLIR does: bytes that do not print are two hexadecimal digits. */
  static String mlir(String bytes) {
    StringBuilder out = new StringBuilder(bytes.length() + 2).append('"');
    for (int i = 0; i < bytes.length(); i++) {
      char c = bytes.charAt(i);
      if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') {
        out.append('\\').append(String.format("%02X", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  /** Quotes text, in UTF-8. */
  static String text(String text) {
    return bytes(toBytes(text));
  }

  /** Returns the UTF-8 bytes of text, one character a byte. */
  static String toBytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** Returns the text of UTF-8 bytes, one character a byte. */
  static String toText(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
