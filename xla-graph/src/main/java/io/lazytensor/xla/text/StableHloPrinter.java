package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.UnsupportedException;

/** Temporary. */
public final class StableHloPrinter {
  private StableHloPrinter() {}

  /** Temporary. */
  public static String print(HloModule module) {
    throw new UnsupportedException("StableHLO is not written yet, " + module.name());
  }
}
