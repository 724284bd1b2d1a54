package io.lazytensor.nn;

/** What {@link Initializer#kaimingUniform} keeps the variance of. */
public enum FanMode {
  /** Values on the way forward: the number of inputs of a unit counts. */
  IN,
  /** Gradients on the way back: the number of outputs of a unit counts. */
  OUT
}
