package io.lazytensor.checkpoint;

import java.nio.file.Path;

/** A file format of checkpoints. */
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
  SAFETENSORS("safetensors");

  private final String label;

  CheckpointFormat(String label) {
    this.label = label;
  }

  /** Returns the name on the command line. */
  public String label() {
    return label;
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
