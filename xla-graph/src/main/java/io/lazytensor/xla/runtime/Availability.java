package io.lazytensor.xla.runtime;

/** Whether a backend can be opened here. */
public sealed interface Availability {
  /** It can. */
  record Available() implements Availability {}

  /**
   * It cannot.
   *
   * @param reason what is missing
   * @param remedy what to do
   */
  record Unavailable(String reason, String remedy) implements Availability {}
}
