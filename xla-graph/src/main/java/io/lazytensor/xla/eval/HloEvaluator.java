package io.lazytensor.xla.eval;

/** Evaluates modules. */
public final class HloEvaluator {
  private HloEvaluator() {}
}
