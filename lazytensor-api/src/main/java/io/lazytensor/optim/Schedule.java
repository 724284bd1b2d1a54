package io.lazytensor.optim;

/** A learning rate that depends on how many steps were trained. */
@FunctionalInterface
public interface Schedule {
  /**
   * Returns the learning rate of a step.
   *
   * @param step how many steps were cut before it
   */
  double at(long step);
}
