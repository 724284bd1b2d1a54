package io.lazytensor.xla.runtime;

/**
 * How to compile.
 *
 * @param device the index of the device that will run it
 */
public record CompileOptions(int device) {
  /** Device 0. */
  public static final CompileOptions DEFAULT = new CompileOptions(0);
}
