package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.StringJoiner;

/**
 * The index of a sharded checkpoint: which file has which tensor.
 *
 * <p>Source: huggingface_hub {@code serialization/_torch.py} ({@code save_torch_state_dict}, {@code
 * _load_sharded_checkpoint}).
 */
final class ShardIndex {
  private static final long MAX_BYTES = 100_000_000;

  private ShardIndex() {}

  /** Returns the file of each tensor, in the order of the index. */
  static SequencedMap<String, String> read(MemorySegment file, String extension) {
    if (file.byteSize() > MAX_BYTES) {
      throw new CheckpointException(
          "an index has at most %d bytes, this one %d".formatted(MAX_BYTES, file.byteSize()));
    }
    Object root = Json.readAnything(LittleEndian.utf8(file, "the index"));
    if (!(root instanceof Map<?, ?> index) || !(index.get("weight_map") instanceof Map<?, ?> map)) {
      throw new CheckpointException("the index has no object \"weight_map\"");
    }
    SequencedMap<String, String> files = new LinkedHashMap<>();
    map.forEach((tensor, shard) -> {
      if (!(shard instanceof String name)) {
        throw new CheckpointException("the file of \"" + tensor + "\" is no string");
      }
      FolderFiles.requirePlain(name);
      if (!name.endsWith(extension)) {
        throw new CheckpointException(
            "\"%s\" does not end in %s as all files of this index must".formatted(name, extension));
      }
      files.put((String) tensor, name);
    });
    return files;
  }

  /** Returns the text of an index, to the byte as Python's {@code json.dump(indent=2)} has it. */
  static String write(long totalSize, Map<String, String> files) {
    StringJoiner map = new StringJoiner(",\n    ", "{\n    ", "\n  }").setEmptyValue("{}");
    files.forEach(
        (tensor, file) -> map.add(Json.quoteAscii(tensor) + ": " + Json.quoteAscii(file)));
    return "{\n  \"metadata\": {\n    \"total_size\": %d\n  },\n  \"weight_map\": %s\n}"
        .formatted(totalSize, map);
  }
}
