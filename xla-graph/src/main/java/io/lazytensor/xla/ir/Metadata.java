package io.lazytensor.xla.ir;

/**
 * Where an instruction comes from. Never part of equality or hash of a graph.
 *
 * @param opName the public operation that recorded it, such as {@code layerNorm}; empty if none
 * @param source the user's line
 * @param name the instruction's name in the text or proto it was read from; empty if none
 */
public record Metadata(String opName, SourceLine source, String name) {
  /** No origin. */
  public static final Metadata NONE = new Metadata("", SourceLine.UNKNOWN);

  /** Describes an instruction that was recorded, and has no name of its own. */
  public Metadata(String opName, SourceLine source) {
    this(opName, source, "");
  }
}
