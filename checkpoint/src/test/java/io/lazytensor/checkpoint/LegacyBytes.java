package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.PickleText.integer;
import static io.lazytensor.checkpoint.PickleText.little;
import static io.lazytensor.checkpoint.PickleText.pickle;
import static io.lazytensor.checkpoint.PickleText.text;
import static io.lazytensor.checkpoint.PickleText.tuple;

import java.util.List;
import java.util.stream.Collectors;

/** A file in the format before zip, every part of which a test can make wrong. */
final class LegacyBytes {
  static final String FOUR_FLOATS = "\0".repeat(12) + "\0\0\u0080?";

  private String magic =
      pickle("\u008a\n\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019");
  private String version = pickle("M\u00e9\3");
  private String system = pickle("}" + text("little_endian") + "\u0088s");
  private String object = stateDict(storage("N"));
  private List<String> keys = List.of("77");
  private String data = data(4);
  private String tail = "";

  static String data(long elements) {
    return little(elements, 8) + FOUR_FLOATS;
  }

  /** Returns the storage 77 of four floats, or a view of it. */
  static String storage(String view) {
    return storage("FloatStorage", 4, view);
  }

  static String storage(String type, long elements, String view) {
    return tuple(
            text("storage"),
            PickleText.global("torch", type),
            text("77"),
            text("cpu"),
            integer(elements),
            view)
        + "Q";
  }

  static String stateDict(String storage) {
    return PickleText.stateDict(
        PickleText.tensor(storage, 0, new long[] {2, 2}, new long[] {2, 1}));
  }

  LegacyBytes magic(String value) {
    magic = value;
    return this;
  }

  LegacyBytes version(String value) {
    version = value;
    return this;
  }

  LegacyBytes system(String value) {
    system = value;
    return this;
  }

  LegacyBytes object(String value) {
    object = value;
    return this;
  }

  LegacyBytes keys(String... values) {
    keys = List.of(values);
    return this;
  }

  LegacyBytes data(String value) {
    data = value;
    return this;
  }

  LegacyBytes tail(String value) {
    tail = value;
    return this;
  }

  byte[] build() {
    String list = keys.stream().map(PickleText::text).collect(Collectors.joining("", "](", "e"));
    return PickleText.bytes(magic + version + system + object + pickle(list) + data + tail);
  }
}
