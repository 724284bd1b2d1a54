package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.UnsupportedException;

/** Temporary. */
public final class HloParser {
  private HloParser() {}

  /** Temporary. */
  public static HloModule parse(String text) {
    throw new UnsupportedException("text is not read yet, " + text.length());
  }
}
