package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Text;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;

/** Writes a folder as Hugging Face's {@code save_torch_state_dict} does. */
final class ShardWriter {
  private static final Object NO_MEMORY = new Object();

  private ShardWriter() {}

  static void write(Path folder, ShardKind kind, Checkpoint checkpoint, SaveOptions options) {
    SequencedMap<String, CheckpointTensor> tensors = tensors(checkpoint.tree());
    boolean safetensors = kind.format() == CheckpointFormat.HF_SAFETENSORS;
    ShardSplit split =
        ShardSplit.of(
            tensors,
            options.maxShardSize(),
            tensor -> safetensors ? tensor.byteSize() : tensor.storage().byteSize(),
            (name, tensor) ->
                safetensors ? memory(tensor, name) : memory(tensor, tensor.storage()));
    int count = split.shards().size();
    SequencedMap<String, String> files = new LinkedHashMap<>();
    Set<String> written = new HashSet<>();
    try (StagedFolder staged = new StagedFolder(folder)) {
      int number = 1;
      for (var names : split.shards()) {
        String file = count == 1 ? kind.single() : kind.shard(number++, count);
        CheckpointDict shard = new CheckpointDict(false);
        for (String name : names) {
          shard.put(CheckpointValue.of(name), value(tensors, name));
          files.put(name, file);
        }
        staged.stage(
            file,
            safetensors
                ? SafetensorsWriter.content(shard, metadata(checkpoint))
                : TorchWriter.content(folder.resolve(file), shard));
        written.add(file);
      }
      if (count > 1) {
        byte[] index = ShardIndex.write(split.totalSize(), files).getBytes(StandardCharsets.UTF_8);
        staged.stage(
            kind.index(), channel -> new RecordSink(channel).write(MemorySegment.ofArray(index)));
        written.add(kind.index());
      }
      staged.publish(kind.index(), name -> kind.owns(name) && !written.contains(name));
    }
  }

  private static CheckpointTensor value(Map<String, CheckpointTensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name));
  }

  private static Map<String, String> metadata(Checkpoint checkpoint) {
    return checkpoint.metadata().isEmpty() ? Checkpoints.PYTORCH_FORMAT : checkpoint.metadata();
  }

  private static SequencedMap<String, CheckpointTensor> tensors(CheckpointValue tree) {
    SequencedMap<String, CheckpointTensor> tensors = new LinkedHashMap<>();
    tree.asDict()
        .entries()
        .forEach((key, value) -> {
          if (!(key instanceof Text(String name)) || !(value instanceof CheckpointTensor tensor)) {
            throw new CheckpointException(
                "a Hugging Face folder holds tensors by name; \"%s\" is a %s. Save one state dict"
                        .formatted(Keys.show(key), value.kind())
                    + " of the tree");
          }
          tensors.put(name, tensor);
        });
    return tensors;
  }

  /** Empty tensors are all one memory to huggingface_hub, since none has an address. */
  private static Object memory(CheckpointTensor tensor, Object other) {
    return tensor.storage().byteSize() == 0 ? NO_MEMORY : other;
  }
}
