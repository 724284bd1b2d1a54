package io.lazytensor.checkpoint;

import java.nio.charset.StandardCharsets;

/** Pieces of pickles, one Latin-1 character a byte. */
final class PickleText {
  static final String ORDERED = global("collections", "OrderedDict") + ")R";

  private PickleText() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String pickle(String body) {
    return "\u0080\u0002" + body + ".";
  }

  static String global(String module, String name) {
    return "c" + module + "\n" + name + "\n";
  }

  static String text(String value) {
    return "X" + little(value.length(), 4) + value;
  }

  static String little(long value, int count) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < count; i++) {
      out.append((char) (value >>> (8 * i) & 0xff));
    }
    return out.toString();
  }

  static String integer(long value) {
    return value >= 0 && value < 256
        ? "K" + (char) value
        : "\u008a\u0009" + little(value, 8) + (value < 0 ? "\u00ff" : "\0");
  }

  static String tuple(String... items) {
    return "(" + String.join("", items) + "t";
  }

  static String longs(long... values) {
    StringBuilder out = new StringBuilder("(");
    for (long value : values) {
      out.append(integer(value));
    }
    return out.append('t').toString();
  }

  static String storage(String type, String key, long elements) {
    return tuple(text("storage"), type, text(key), text("cpu"), integer(elements)) + "Q";
  }

  static String floats() {
    return storage(global("torch", "FloatStorage"), "0", 4);
  }

  static String tensor(String storage, long offset, long[] size, long[] stride) {
    return tensor(storage, offset, longs(size), longs(stride), "\u0089", "");
  }

  static String tensor(
      String storage, long offset, String size, String stride, String gradient, String more) {
    return global("torch._utils", "_rebuild_tensor_v2")
        + tuple(storage, integer(offset), size, stride, gradient, ORDERED, more)
        + "R";
  }

  static String square() {
    return tensor(floats(), 0, new long[] {2, 2}, new long[] {2, 1});
  }

  /** A state dict with one tensor. */
  static String stateDict(String tensor) {
    return pickle("}" + text("w") + tensor + "s");
  }
}
