package io.lazytensor.checkpoint;

import java.util.Map;

/**
 * A checkpoint as it was found.
 *
 * @param format how the file is laid out
 * @param tree what it holds
 * @param metadata the text entries of safetensors headers; the {@code tag} that was read of a
 *     NeuronX Distributed folder; empty for other formats
 */
public record Checkpoint(
    CheckpointFormat format, CheckpointValue tree, Map<String, String> metadata) {
  /** Copies the metadata. */
  public Checkpoint {
    metadata = Map.copyOf(metadata);
  }
}
