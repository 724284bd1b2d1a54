package io.lazytensor.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/**
 * Tensors over files: greedily in the order of the dict, a too large one in a file of its own,
 * those that share memory together and counted once.
 *
 * <p>Source: huggingface_hub {@code serialization/_base.py} ({@code
 * split_state_dict_into_shards_factory}).
 */
final class ShardSplit {
  private final List<SequencedSet<String>> shards = new ArrayList<>();
  private long totalSize;

  private ShardSplit() {}

  /**
   * Splits tensors.
   *
   * @param size what a tensor takes in a file
   * @param memory what is equal for tensors that must be in one file
   */
  static ShardSplit of(
      SequencedMap<String, CheckpointTensor> tensors,
      long maxShardSize,
      ToLongFunction<CheckpointTensor> size,
      BiFunction<String, CheckpointTensor, Object> memory) {
    ShardSplit split = new ShardSplit();
    Map<Object, List<String>> sharing = new LinkedHashMap<>();
    Map<String, SequencedSet<String>> placed = new HashMap<>();
    SequencedSet<String> current = new LinkedHashSet<>();
    long currentSize = 0;
    for (var entry : tensors.entrySet()) {
      String name = entry.getKey();
      List<String> group =
          sharing.computeIfAbsent(memory.apply(name, entry.getValue()), key -> new ArrayList<>());
      group.add(name);
      if (group.size() > 1) {
        continue;
      }
      long bytes = size.applyAsLong(entry.getValue());
      split.totalSize += bytes;
      if (bytes > maxShardSize) {
        SequencedSet<String> own = new LinkedHashSet<>(List.of(name));
        split.shards.add(own);
        placed.put(name, own);
        continue;
      }
      if (currentSize + bytes > maxShardSize) {
        split.shards.add(current);
        current = new LinkedHashSet<>();
        currentSize = 0;
      }
      current.add(name);
      placed.put(name, current);
      currentSize += bytes;
    }
    if (!current.isEmpty() || split.shards.isEmpty()) {
      split.shards.add(current);
    }
    for (List<String> group : sharing.values()) {
      placed.getOrDefault(group.getFirst(), current).addAll(group);
    }
    return split;
  }

  /** Returns the names in each file. */
  List<SequencedSet<String>> shards() {
    return shards;
  }

  /** Returns the bytes of all tensors. */
  long totalSize() {
    return totalSize;
  }
}
