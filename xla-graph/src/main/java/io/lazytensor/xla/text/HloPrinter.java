package io.lazytensor.xla.text;

/** Prints modules as HLO text. */
public final class HloPrinter {
  private HloPrinter() {}
}
