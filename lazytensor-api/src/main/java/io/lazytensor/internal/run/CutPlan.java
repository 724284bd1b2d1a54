package io.lazytensor.internal.run;

import io.lazytensor.observe.CompileCause;
import io.lazytensor.xla.ir.HloModule;

/** What a cut does each time it is reached. */
public final class CutPlan {
  private final Statistics.StepCounters counters;
  private final HloModule recorded;
  private final int[] assigned;
  private final int reads;
  private final CompileCause cause;
  private CompiledGraph graph;
  private long expectedNanos = -1;

  CutPlan(
      Statistics.StepCounters counters,
      HloModule recorded,
      CompiledGraph graph,
      int[] assigned,
      int reads,
      CompileCause cause) {
    this.counters = counters;
    this.recorded = recorded;
    this.graph = graph;
    this.assigned = assigned;
    this.reads = reads;
    this.cause = cause;
  }

  /** Returns the step's name. */
  public String step() {
    return counters.name;
  }

  Statistics.StepCounters counters() {
    return counters;
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

  CompileCause cause() {
    return cause;
  }

  CompiledGraph graph() {
    return graph;
  }

  void graph(CompiledGraph renewed) {
    graph = renewed;
  }

  /** Returns a moving average of the execution time, or -1 before the first. */
  long expectedNanos() {
    return expectedNanos;
  }

  void ran(long nanos) {
    expectedNanos = expectedNanos < 0 ? nanos : (3 * expectedNanos + nanos) >> 2;
  }
}
