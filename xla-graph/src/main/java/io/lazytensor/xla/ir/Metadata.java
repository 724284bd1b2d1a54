package io.lazytensor.xla.ir;

/**
 * Where an instruction comes from. Never part of equality or hash of a graph.
 *
 * @param opName the public operation that recorded it, such as {@code layerNorm}; empty if none
 * @param source the user's line
 */
public record Metadata(String opName, SourceLine source) {
  /** No origin. */
  public static final Metadata NONE = new Metadata("", SourceLine.UNKNOWN);
}
