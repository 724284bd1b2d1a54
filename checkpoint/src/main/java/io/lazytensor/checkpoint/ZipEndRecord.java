package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.LittleEndian.u16;
import static io.lazytensor.checkpoint.LittleEndian.u32;
import static io.lazytensor.checkpoint.LittleEndian.u63;

import java.lang.foreign.MemorySegment;

/**
 * What the end of a zip archive says of its directory.
 *
 * <p>Source: PKWARE APPNOTE 4.3.14 to 4.3.16.
 *
 * @param entries how many entries
 * @param start where the directory starts
 * @param end where it ends
 */
record ZipEndRecord(long entries, long start, long end) {
  private static final long SIGNATURE = 0x06054b50L;
  private static final long ZIP64_SIGNATURE = 0x06064b50L;
  private static final long LOCATOR_SIGNATURE = 0x07064b50L;
  private static final int SIZE = 22;
  private static final int LOCATOR_SIZE = 20;
  private static final int ZIP64_SIZE = 56;
  private static final int MAX_COMMENT = 0xffff;
  private static final long FEWEST_ENTRY_BYTES = 46;

  /** Finds the one record whose comment reaches exactly to the end of the file. */
  static ZipEndRecord find(MemorySegment file) {
    long size = file.byteSize();
    long lowest = Math.max(0, size - SIZE - MAX_COMMENT);
    for (long at = size - SIZE; at >= lowest; at--) {
      if (u32(file, at) == SIGNATURE && at + SIZE + u16(file, at + 20) == size) {
        return read(file, at);
      }
    }
    throw new CheckpointException(
        "the zip archive has no end record: it is cut off, or something follows it");
  }

  private static ZipEndRecord read(MemorySegment file, long at) {
    long entries = u16(file, at + 10);
    long bytes = u32(file, at + 12);
    long start = u32(file, at + 16);
    if (u16(file, at + 4) != 0 || u16(file, at + 6) != 0 || u16(file, at + 8) != entries) {
      throw severalDisks();
    }
    long end = at;
    long locator = at - LOCATOR_SIZE;
    if (locator >= 0 && u32(file, locator) == LOCATOR_SIGNATURE) {
      end = zip64(file, locator);
      long entries64 = u63(file, end + 32, "the zip entry count");
      long bytes64 = u63(file, end + 40, "the zip directory's size");
      long start64 = u63(file, end + 48, "the zip directory's offset");
      if ((entries != 0xffffL && entries != entries64)
          || (bytes != 0xffffffffL && bytes != bytes64)
          || (start != 0xffffffffL && start != start64)) {
        throw new CheckpointException("the zip archive's two end records disagree");
      }
      entries = entries64;
      bytes = bytes64;
      start = start64;
    }
    if (start > end || bytes != end - start) {
      throw new CheckpointException(
          "the zip directory of %d bytes at %d does not end where the end record starts, at %d"
              .formatted(bytes, start, end));
    }
    if (entries > bytes / FEWEST_ENTRY_BYTES) {
      throw new CheckpointException(
          "a zip directory of %d bytes cannot hold %d entries".formatted(bytes, entries));
    }
    return new ZipEndRecord(entries, start, end);
  }

  private static long zip64(MemorySegment file, long locator) {
    long at = u63(file, locator + 8, "the zip64 end record's offset");
    if (u32(file, locator + 4) != 0 || u32(file, locator + 16) != 1) {
      throw severalDisks();
    }
    if (at > locator - ZIP64_SIZE || u32(file, at) != ZIP64_SIGNATURE) {
      throw new CheckpointException("there is no zip64 end record at " + at);
    }
    long rest = u63(file, at + 4, "the zip64 end record's size");
    if (rest < ZIP64_SIZE - 12 || rest != locator - at - 12) {
      throw new CheckpointException("the zip64 end record has a wrong size of " + rest);
    }
    long entries = u63(file, at + 24, "the zip entry count");
    if (u32(file, at + 16) != 0
        || u32(file, at + 20) != 0
        || entries != u63(file, at + 32, "the zip entry count")) {
      throw severalDisks();
    }
    return at;
  }

  private static CheckpointException severalDisks() {
    return new CheckpointException("the zip archive is one part of several; none of them are read");
  }
}
