package io.lazytensor.xla.pass;

/** The standard pipeline. */
public final class Passes {
  private Passes() {}
}
