package io.lazytensor.internal.run;

/** Counts a cut on the host. */
public interface CutListener {
  /** Is told, on the recording thread, that the cut was handed to the device. */
  void committed();

  /**
   * Is told that what was handed over failed and never happened: on the device's thread, and maybe
   * before {@link #committed}.
   */
  void failed();
}
