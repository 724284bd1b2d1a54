package io.lazytensor.xla.text;

import java.util.List;

/** Names of XLA's {@code CustomCallApiVersion}, by number. */
final class CustomCallVersions {
  private static final List<String> NAMES =
      List.of(
          "API_VERSION_UNSPECIFIED",
          "API_VERSION_ORIGINAL",
          "API_VERSION_STATUS_RETURNING",
          "API_VERSION_STATUS_RETURNING_UNIFIED",
          "API_VERSION_TYPED_FFI");

  private CustomCallVersions() {}

  /** Returns the name of a version; of an unknown one its number, which nobody reads. */
  static String name(int version) {
    return version >= 0 && version < NAMES.size() ? NAMES.get(version) : "" + version;
  }

  /** Returns the number of a version, or -1. */
  static int number(String name) {
    return NAMES.indexOf(name);
  }
}
