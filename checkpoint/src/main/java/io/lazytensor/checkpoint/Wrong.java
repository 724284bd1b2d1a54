package io.lazytensor.checkpoint;

/** Refusals that take the place of a value. */
final class Wrong {
  private Wrong() {}

  static <T> T kind(String expected, CheckpointValue got) {
    throw new CheckpointException("expected a " + expected + ", got " + got.kind());
  }
}
