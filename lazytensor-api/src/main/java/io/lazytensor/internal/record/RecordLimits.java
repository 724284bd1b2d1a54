package io.lazytensor.internal.record;

/**
 * Bounds of a recorder's memory.
 *
 * @param calls the most calls between two cuts
 * @param positions the most calls a thread remembers of earlier recordings
 * @param executables the most compiled graphs a device keeps
 */
public record RecordLimits(int calls, int positions, int executables) {
  /** 250,000 calls between cuts, a million remembered, 256 graphs. */
  public static final RecordLimits DEFAULT = new RecordLimits(250_000, 1_000_000, 256);
}
