package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Text;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Reads a folder of Hugging Face's libraries: one file of tensors, or several and an index. */
final class ShardReader {
  private final FolderFiles files;
  private final ShardKind kind;
  private final SequencedMap<String, CheckpointDict> shards = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private ShardReader(FolderFiles files, ShardKind kind) {
    this.files = files;
    this.kind = kind;
  }

  static Checkpoint read(FolderFiles files, ShardKind kind) {
    return new ShardReader(files, kind).read();
  }

  /** Checks every shard against its checksums; returns how many were compared. */
  static int verify(FolderFiles files, ShardKind kind) {
    ShardReader reader = new ShardReader(files, kind);
    reader.read();
    return reader.shards.keySet().stream()
        .mapToInt(name -> files.read(name, Checkpoints::verify))
        .sum();
  }

  private Checkpoint read() {
    if (!files.has(kind.index())) {
      return new Checkpoint(kind.format(), open(kind.single()), metadata);
    }
    SequencedMap<String, String> index =
        files.read(kind.index(), bytes -> ShardIndex.read(bytes, kind.extension()));
    List<String> missing =
        new LinkedHashSet<>(index.values()).stream().filter(name -> !files.has(name)).toList();
    if (!missing.isEmpty()) {
      throw new CheckpointException(
          "%d of the files of %s are missing: %s"
              .formatted(missing.size(), kind.index(), FolderFiles.listed(missing)));
    }
    index.values().forEach(this::open);
    CheckpointDict tree = merged(index);
    requireAllListed(index);
    return new Checkpoint(kind.format(), tree, metadata);
  }

  private CheckpointDict merged(SequencedMap<String, String> index) {
    CheckpointDict tree = new CheckpointDict(false);
    List<String> missing = new ArrayList<>();
    index.forEach((tensor, file) ->
        open(file)
            .find(tensor)
            .ifPresentOrElse(
                value -> tree.put(CheckpointValue.of(tensor), value),
                () -> missing.add("\"%s\" in %s".formatted(tensor, file))));
    if (!missing.isEmpty()) {
      throw new CheckpointException(
          "%d tensors are not in the files that %s says: %s"
              .formatted(missing.size(), kind.index(), FolderFiles.listed(missing)));
    }
    return tree;
  }

  /** A tensor may lie in a second shard, where the index does not point; it must point to one. */
  private void requireAllListed(Map<String, String> index) {
    List<String> extra = new ArrayList<>();
    shards.forEach((file, tensors) ->
        tensors
            .entries()
            .keySet()
            .forEach(key -> {
              if (!(key instanceof Text(String name)) || !index.containsKey(name)) {
                extra.add("\"%s\" in %s".formatted(Keys.show(key), file));
              }
            }));
    if (!extra.isEmpty()) {
      throw new CheckpointException(
          "%d tensors are in no line of %s: %s"
              .formatted(extra.size(), kind.index(), FolderFiles.listed(extra)));
    }
  }

  private CheckpointDict open(String name) {
    CheckpointDict known = shards.get(name);
    if (known == null) {
      known = files.read(name, this::parse);
      shards.put(name, known);
    }
    return known;
  }

  private CheckpointDict parse(MemorySegment file) {
    Checkpoint shard = Checkpoints.parse(file);
    boolean safetensors = shard.format() == CheckpointFormat.SAFETENSORS;
    if (safetensors != kind.extension().equals(".safetensors")) {
      throw new CheckpointException(
          "the file is %s, other than its extension says".formatted(shard.format()));
    }
    shard.metadata().forEach(metadata::putIfAbsent);
    return shard.tree().asDict();
  }
}
