package io.lazytensor.optim;

/**
 * A learning rate, or a momentum, that depends on how many steps were trained. {@link Schedules}
 * has PyTorch's; a lambda is one too.
 */
@FunctionalInterface
public interface Schedule {
  /**
   * Returns the learning rate of a step.
   *
   * @param step how many steps were cut before it
   */
  double at(long step);

  /** Returns the rate this starts from or scales. PyTorch: {@code initial_lr}. */
  default double base() {
    return at(0);
  }
}
