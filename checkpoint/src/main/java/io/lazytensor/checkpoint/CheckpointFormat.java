package io.lazytensor.checkpoint;

import java.nio.file.Path;

/** A format of checkpoints: of one file, or of a folder. */
public enum CheckpointFormat {
  /** What {@code torch.save} writes since PyTorch 1.6: a zip archive. */
  TORCH("torch"),
  /**
   * What {@code torch.save} wrote before PyTorch 1.6: pickles and data in one stream. Read only.
   */
  TORCH_LEGACY("torch-legacy"),
  /** What {@code torch.save} wrote before PyTorch 0.1.10: a tar archive. Read only. */
  TORCH_TAR("torch-tar"),
  /** A module of {@code torch.jit.save}, of which the tensors are read. Read only. */
  TORCHSCRIPT("torchscript"),
  /** Tensors by name behind a JSON header. */
  SAFETENSORS("safetensors"),
  /** A folder of Hugging Face's libraries with {@code model.safetensors} or shards of it. */
  HF_SAFETENSORS("hf-safetensors"),
  /** A folder of Hugging Face's libraries with {@code pytorch_model.bin} or shards of it. */
  HF_TORCH("hf-torch"),
  /** A folder of {@code torch.distributed.checkpoint}. */
  DCP("dcp"),
  /** A file of PyTorch/XLA with its tensors in a folder beside it. Read only. */
  XSER("xser"),
  /** A folder of NeuronX Distributed with a file a rank. Read only. */
  NEURONX("neuronx");

  private final String label;

  CheckpointFormat(String label) {
    this.label = label;
  }

  /** Returns the name on the command line. */
  public String label() {
    return label;
  }

  /** Returns whether a checkpoint of this format is a folder. */
  public boolean isFolder() {
    return switch (this) {
      case HF_SAFETENSORS, HF_TORCH, DCP, NEURONX -> true;
      case TORCH, TORCH_LEGACY, TORCH_TAR, TORCHSCRIPT, SAFETENSORS, XSER -> false;
    };
  }

  /** Returns whether {@link Checkpoints#save(Path, Checkpoint)} writes it. */
  public boolean isWritable() {
    return switch (this) {
      case TORCH, SAFETENSORS, HF_SAFETENSORS, HF_TORCH, DCP -> true;
      case TORCH_LEGACY, TORCH_TAR, TORCHSCRIPT, XSER, NEURONX -> false;
    };
  }

  /** Returns the format of a file to write: {@code .safetensors} by its suffix, torch otherwise. */
  public static CheckpointFormat ofPath(Path path) {
    return String.valueOf(path.getFileName()).endsWith(".safetensors") ? SAFETENSORS : TORCH;
  }

  @Override
  public String toString() {
    return label;
  }
}
