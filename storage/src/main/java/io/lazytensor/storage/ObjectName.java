package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;

/** What names may be. */
final class ObjectName {
  private ObjectName() {}

  static void check(String name) {
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw wrong(name, "is no plain relative name");
      }
    }
    if (name.indexOf('\\') >= 0 || name.chars().anyMatch(Character::isISOControl)) {
      throw wrong(name, "has a backslash or control character");
    }
  }

  /** Checks the start of names; it may end anywhere. */
  static void checkPrefix(String prefix) {
    if (!prefix.isEmpty()) {
      check(prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
    }
  }

  private static StorageException wrong(String name, String what) {
    return new StorageException(Reason.INVALID, "\"%s\" %s".formatted(name, what));
  }
}
