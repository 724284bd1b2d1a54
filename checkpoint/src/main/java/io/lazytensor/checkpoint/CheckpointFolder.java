package io.lazytensor.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A checkpoint that is a folder: finds out of which kind. */
final class CheckpointFolder {
  private static final List<ShardKind> SHARDED = List.of(ShardKind.SAFETENSORS, ShardKind.TORCH);

  private CheckpointFolder() {}

  static Checkpoint open(Path path) {
    FolderFiles files = FolderFiles.of(path);
    if (files.has(DcpReader.METADATA)) {
      return DcpReader.read(files);
    }
    for (ShardKind kind : SHARDED) {
      if (files.has(kind.index()) || files.has(kind.single())) {
        return ShardReader.read(files, kind);
      }
    }
    if (NeuronxReader.isTag(files)) {
      return NeuronxReader.read(files);
    }
    if (NeuronxReader.hasTags(files)) {
      return NeuronxReader.read(NeuronxReader.newest(files));
    }
    throw refused(files);
  }

  /** Compares all with its checksums; returns how many were compared. */
  static int verify(Path path) {
    FolderFiles files = FolderFiles.of(path);
    return switch (open(path).format()) {
      case DCP -> DcpReader.verify(files);
      case HF_SAFETENSORS -> ShardReader.verify(files, ShardKind.SAFETENSORS);
      case HF_TORCH -> ShardReader.verify(files, ShardKind.TORCH);
      case NEURONX ->
          NeuronxReader.verify(NeuronxReader.isTag(files) ? files : NeuronxReader.newest(files));
      case TORCH, TORCH_LEGACY, TORCH_TAR, TORCHSCRIPT, SAFETENSORS, XSER -> 0;
    };
  }

  private static CheckpointException refused(FolderFiles files) {
    List<String> names = files.names();
    if (names.stream().anyMatch(name -> name.matches("__[0-9]+[.]metadata"))) {
      return new CheckpointException(
          "the folder has the metadata of single ranks, which torch.distributed.checkpoint writes"
              + " without collectives; only a .metadata of all ranks is read");
    }
    if (names.stream().anyMatch(name -> name.endsWith(".distcp"))) {
      return new CheckpointException(
          "the folder has .distcp files and no .metadata, which is written last: its saving did"
              + " not end");
    }
    for (ShardKind kind : SHARDED) {
      if (names.stream().anyMatch(kind::isShard)) {
        return new CheckpointException(
            "the folder has files of a sharded checkpoint and no %s: its saving or download did"
                    .formatted(kind.index())
                + " not end");
      }
    }
    return new CheckpointException(
        ("the folder is no checkpoint: it has none of .metadata, model.safetensors,"
                + " pytorch_model.bin, their indexes, or tags of NeuronX Distributed; it has: %s")
            .formatted(names.isEmpty() ? "nothing" : FolderFiles.listed(names)));
  }

  /** Writes a folder. */
  static void save(Path path, Checkpoint checkpoint, SaveOptions options) {
    if (Files.isRegularFile(path)) {
      throw new CheckpointException(
          "%s is a file; %s is a folder".formatted(path, checkpoint.format()));
    }
    switch (checkpoint.format()) {
      case HF_SAFETENSORS -> ShardWriter.write(path, ShardKind.SAFETENSORS, checkpoint, options);
      case HF_TORCH -> ShardWriter.write(path, ShardKind.TORCH, checkpoint, options);
      case DCP -> DcpWriter.write(path, checkpoint.tree(), options);
      case TORCH, TORCH_LEGACY, TORCH_TAR, TORCHSCRIPT, SAFETENSORS, XSER, NEURONX ->
          throw new CheckpointException(
              checkpoint.format() + " is no format of folders that is written");
    }
  }
}
