package io.lazytensor.checkpoint;

import java.nio.file.Path;

/** A file format of checkpoints. */
public enum CheckpointFormat {
  /** What {@code torch.save} writes since PyTorch 1.6: a zip archive. */
  TORCH("torch"),
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
