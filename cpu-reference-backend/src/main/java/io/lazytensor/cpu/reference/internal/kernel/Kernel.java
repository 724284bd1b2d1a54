package io.lazytensor.cpu.reference.internal.kernel;

/** A prepared step: everything it reads and writes is bound. */
@FunctionalInterface
public interface Kernel {
  /** Does it. */
  void run();
}
