package io.lazytensor.cpu.reference.internal.kernel;

import java.lang.foreign.MemorySegment;

/** A prepared computation that other kernels call, on memory they hand over. */
public interface Routine {
  /** Says where an argument is, dense, until it is said again. */
  void argument(int number, MemorySegment memory);

  /** Says where a result goes that does not take over an argument's memory. */
  void result(int number, MemorySegment memory);

  /** Runs it. */
  void run();
}
