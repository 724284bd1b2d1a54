package io.lazytensor.checkpoint;

import java.nio.file.Path;

/** A file format of checkpoints. */
public enum CheckpointFormat {
  /** What {@code torch.save} writes since PyTorch 1.6: a zip archive. */
  TORCH("torch", true),
  /**
   * What {@code torch.save} wrote before PyTorch 1.6: pickles and data in one stream. Read only.
   */
  TORCH_LEGACY("torch-legacy", false),
  /** What {@code torch.save} wrote before PyTorch 0.1.10: a tar archive. Read only. */
  TORCH_TAR("torch-tar", false),
  /** A module of {@code torch.jit.save}, of which the tensors are read. Read only. */
  TORCHSCRIPT("torchscript", false),
  /** Tensors by name behind a JSON header. */
  SAFETENSORS("safetensors", true);

  private final String label;
  private final boolean writable;

  CheckpointFormat(String label, boolean writable) {
    this.label = label;
    this.writable = writable;
  }

  /** Returns the name on the command line. */
  public String label() {
    return label;
  }

  /** Returns whether it is written, and not only read. */
  public boolean isWritable() {
    return writable;
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
