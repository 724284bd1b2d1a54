package io.lazytensor.checkpoint;

/**
 * A record of a zip archive, checked against the file's size.
 *
 * @param name the name below the root folder
 * @param header where its local header starts
 * @param start where its bytes start
 * @param size how many bytes it has
 * @param crc the CRC-32 the archive claims; 0 if none was computed
 */
record ZipRecord(String name, long header, long start, long size, long crc) {
  long end() {
    return start + size;
  }
}
