package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.runtime.Executable;

/** What a cut does each time it is reached. */
public final class CutPlan {
  private final Statistics.StepCounters counters;
  private final int graph;
  private final HloModule recorded;
  private final Executable executable;
  private final int[] assigned;
  private final int reads;
  private long expectedNanos = -1;

  CutPlan(
      Statistics.StepCounters counters,
      int graph,
      HloModule recorded,
      Executable executable,
      int[] assigned,
      int reads) {
    this.counters = counters;
    this.graph = graph;
    this.recorded = recorded;
    this.executable = executable;
    this.assigned = assigned;
    this.reads = reads;
  }

  /** Returns the step's name. */
  public String step() {
    return counters.name;
  }

  Statistics.StepCounters counters() {
    return counters;
  }

  /** Returns the graph's number on its device, from 1. */
  public int graph() {
    return graph;
  }

  /** Returns the module as it was recorded, before simplification. */
  public HloModule recorded() {
    return recorded;
  }

  /** Returns the ordinals of the slots that take over the first outputs. */
  public int[] assigned() {
    return assigned;
  }

  /** Returns how many values it fetches to the host. */
  public int reads() {
    return reads;
  }

  Executable executable() {
    return executable;
  }

  /** Returns a moving average of the execution time, or -1 before the first. */
  long expectedNanos() {
    return expectedNanos;
  }

  void ran(long nanos) {
    expectedNanos = expectedNanos < 0 ? nanos : (3 * expectedNanos + nanos) >> 2;
  }
}
