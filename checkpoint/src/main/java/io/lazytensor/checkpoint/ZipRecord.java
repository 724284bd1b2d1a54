package io.lazytensor.checkpoint;

/**
 * A record of a zip archive, checked against the file's size.
 *
 * @param name the name below the root folder
 * @param header where its local header starts
 * @param start where its bytes start
 * @param size how many bytes it has
 * @param stored whether they are its content, and not compressed
 * @param crc the CRC-32 of the content the archive claims; 0 if none was computed
 */
record ZipRecord(String name, long header, long start, long size, boolean stored, long crc) {
  long end() {
    return start + size;
  }
}
