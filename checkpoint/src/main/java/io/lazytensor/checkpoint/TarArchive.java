package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The members of a tar archive as PyTorch wrote them before 0.1.10: four regular files. Nothing
 * else is accepted, and no name is ever used as a path.
 *
 * <p>Source: POSIX.1-2008, {@code pax}, "ustar Interchange Format" and "pax Header Block".
 */
final class TarArchive {
  private static final int BLOCK = 512;
  private static final int NAME_SIZE = 100;
  private static final int SIZE_AT = 124;
  private static final int NUMBER_SIZE = 12;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM_SIZE = 8;
  private static final int TYPE_AT = 156;
  private static final int MAGIC_AT = 257;
  private static final int PREFIX_AT = 345;
  private static final int MAX_PADDING = 20 * BLOCK;
  private static final int MAX_PAX = 1 << 16;
  private static final Set<String> NAMES = Set.of("sys_info", "pickle", "tensors", "storages");

  private final MemorySegment file;
  private final Map<String, MemorySegment> members = new HashMap<>();
  private OptionalLong paxSize = OptionalLong.empty();
  private boolean pax;

  private TarArchive(MemorySegment file) {
    this.file = file;
  }

  /** Returns whether a file starts with the header of an archive. */
  static boolean matches(MemorySegment file) {
    return file.byteSize() >= MAGIC_AT + 5 && text(file, MAGIC_AT, 5).equals("ustar");
  }

  static Map<String, MemorySegment> members(MemorySegment file) {
    TarArchive archive = new TarArchive(file);
    long at = 0;
    while (!archive.isEnd(at)) {
      at = archive.member(at);
    }
    archive.requirePadding(at);
    return archive.members;
  }

  private boolean isEnd(long at) {
    if (file.byteSize() - at < BLOCK) {
      throw new CheckpointException("the tar archive has no end block: it is cut off");
    }
    return isZero(at, BLOCK);
  }

  private boolean isZero(long at, long count) {
    for (long i = at; i < at + count; i++) {
      if (file.get(ValueLayout.JAVA_BYTE, i) != 0) {
        return false;
      }
    }
    return true;
  }

  private void requirePadding(long at) {
    long left = file.byteSize() - at;
    if (pax || left > MAX_PADDING || !isZero(at, left)) {
      throw new CheckpointException("something follows the last member of the tar archive");
    }
  }

  private long member(long at) {
    requireChecksum(at);
    String name = text(file, at, NAME_SIZE);
    boolean extended = file.get(ValueLayout.JAVA_BYTE, at + TYPE_AT) == 'x';
    long size = number(at + SIZE_AT, NUMBER_SIZE, "size");
    if (!extended && paxSize.isPresent()) {
      size = paxSize.getAsLong();
    }
    long start = at + BLOCK;
    if (size > file.byteSize() - start) {
      throw new CheckpointException(
          "tar member \"%s\" of %d bytes reaches past the end of the file".formatted(name, size));
    }
    MemorySegment content = file.asSlice(start, size);
    if (extended) {
      extend(content);
    } else {
      add(at, name, content);
      paxSize = OptionalLong.empty();
      pax = false;
    }
    return start + (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  private void add(long at, String name, MemorySegment content) {
    byte type = file.get(ValueLayout.JAVA_BYTE, at + TYPE_AT);
    if (type != '0' && type != 0) {
      throw new CheckpointException("tar member \"" + name + "\" is no regular file");
    }
    if (!NAMES.contains(name) || !text(file, at + PREFIX_AT, 1).isEmpty()) {
      throw new CheckpointException(
          "tar member \"%s\" is none of those PyTorch wrote".formatted(name));
    }
    if (members.put(name, content) != null) {
      throw new CheckpointException("two tar members are named \"" + name + "\"");
    }
  }

  /** Reads records such as {@code 20 size=8589934592\n}; times and owners do not matter. */
  private void extend(MemorySegment content) {
    if (pax || content.byteSize() > MAX_PAX) {
      throw new CheckpointException("the tar archive has a malformed extended header");
    }
    pax = true;
    byte[] bytes = content.toArray(ValueLayout.JAVA_BYTE);
    int at = 0;
    while (at < bytes.length) {
      int space = at;
      int length = 0;
      while (space < bytes.length
          && bytes[space] >= '0'
          && bytes[space] <= '9'
          && length < MAX_PAX) {
        length = length * 10 + bytes[space++] - '0';
      }
      if (space == bytes.length
          || bytes[space] != ' '
          || length <= space + 1 - at
          || length > bytes.length - at
          || bytes[at + length - 1] != '\n') {
        throw new CheckpointException("the tar archive has a malformed extended header");
      }
      int start = space + 1;
      record(new String(bytes, start, at + length - 1 - start, StandardCharsets.ISO_8859_1));
      at += length;
    }
  }

  private void record(String record) {
    String[] parts = record.split("=", 2);
    switch (parts[0]) {
      case "mtime", "atime", "ctime", "uid", "gid", "uname", "gname" -> {}
      case "size" -> {
        if (parts.length < 2 || !parts[1].matches("[0-9]{1,18}")) {
          throw new CheckpointException("the tar archive has a malformed size");
        }
        paxSize = OptionalLong.of(Long.parseLong(parts[1]));
      }
      default ->
          throw new CheckpointException(
              "the tar archive has the extended header \"%s\", which PyTorch did not write"
                  .formatted(parts[0]));
    }
  }

  // ---- header fields ----------------------------------------------------------------------------

  private void requireChecksum(long at) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      boolean blank = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_SIZE;
      sum += blank ? ' ' : Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, at + i));
    }
    if (!matches(file.asSlice(at)) || sum != number(at + CHECKSUM_AT, CHECKSUM_SIZE, "checksum")) {
      throw new CheckpointException("there is no valid tar header at " + at);
    }
  }

  /** Reads octal digits, blanks around them. */
  private long number(long at, int length, String what) {
    String digits = text(file, at, length).strip();
    if (!digits.matches("[0-7]{1,12}")) {
      throw new CheckpointException("a tar header has a malformed " + what);
    }
    return Long.parseLong(digits, 8);
  }

  /** Reads text up to its first NUL. */
  private static String text(MemorySegment file, long at, int length) {
    byte[] bytes = file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    int end = 0;
    while (end < length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
  }
}
