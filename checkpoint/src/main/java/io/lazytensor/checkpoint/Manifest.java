package io.lazytensor.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What belongs to a checkpoint. It is written last, so a checkpoint without one is none.
 *
 * @param step the step it was saved at
 * @param files the files beside it
 */
record Manifest(long step, List<File> files) {
  static final String NAME = "manifest.json";
  static final int MAX_BYTES = 1 << 20;
  private static final long VERSION = 1;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}");

  /**
   * One file.
   *
   * @param name in the folder of the manifest
   * @param crc the CRC-32C of its bytes
   */
  record File(String name, long bytes, long crc) {}

  byte[] toJson() {
    String entries =
        files.stream()
            .map(file ->
                "{\"name\":%s,\"bytes\":%d,\"crc32c\":\"%08x\"}"
                    .formatted(Json.quote(file.name()), file.bytes(), file.crc()))
            .collect(Collectors.joining(",", "[", "]"));
    return "{\"format\":%d,\"step\":%d,\"files\":%s}\n"
        .formatted(VERSION, step, entries)
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads one.
   *
   * @throws CheckpointException if it is none, or of a later version
   */
  static Manifest read(byte[] json) {
    if (!(Json.read(LittleEndian.utf8(ByteBuffer.wrap(json), NAME)) instanceof Map<?, ?> map)) {
      throw new CheckpointException("it is no object");
    }
    if (!Long.valueOf(VERSION).equals(map.get("format"))) {
      throw new CheckpointException(
          "it has format %s; %d is read".formatted(map.get("format"), VERSION));
    }
    if (!(map.get("step") instanceof Long step) || !(map.get("files") instanceof List<?> entries)) {
      throw new CheckpointException("it has no step or no files");
    }
    List<File> files = new ArrayList<>();
    entries.forEach(entry -> files.add(file(entry)));
    return new Manifest(step, List.copyOf(files));
  }

  private static File file(Object entry) {
    if (entry instanceof Map<?, ?> map
        && map.get("name") instanceof String name
        && PLAIN.matcher(name).matches()
        && map.get("bytes") instanceof Long bytes
        && map.get("crc32c") instanceof String crc
        && crc.matches("[0-9a-f]{8}")) {
      return new File(name, bytes, Long.parseLong(crc, 16));
    }
    throw new CheckpointException("it has a malformed file entry");
  }

  /** Returns the one file with the tree. */
  File tree() {
    if (files.size() != 1) {
      throw new CheckpointException(
          "the manifest has %d files; one is read".formatted(files.size()));
    }
    return files.getFirst();
  }
}
