package io.lazytensor.checkpoint;

import java.util.regex.Pattern;

/**
 * The file names of a kind of Hugging Face checkpoint.
 *
 * @param format what the folder is
 * @param stem what names start with
 * @param extension what they end in
 */
record ShardKind(CheckpointFormat format, String stem, String extension) {
  static final ShardKind SAFETENSORS =
      new ShardKind(CheckpointFormat.HF_SAFETENSORS, "model", ".safetensors");
  static final ShardKind TORCH = new ShardKind(CheckpointFormat.HF_TORCH, "pytorch_model", ".bin");

  /** Returns the name of the one file of a checkpoint that is not sharded. */
  String single() {
    return stem + extension;
  }

  String index() {
    return single() + ".index.json";
  }

  /** Returns the name of a shard, counted from 1. */
  String shard(int number, int count) {
    return "%s-%05d-of-%05d%s".formatted(stem, number, count, extension);
  }

  boolean isShard(String name) {
    return name.matches(Pattern.quote(stem) + "-[0-9]{5}-of-[0-9]{5}" + Pattern.quote(extension));
  }

  /** Returns whether a file in the folder belongs to a checkpoint of this kind. */
  boolean owns(String name) {
    return isShard(name) || name.equals(single()) || name.equals(index());
  }
}
