package io.lazytensor.internal.run;

import io.lazytensor.observe.CompileCause;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.observe.StepContract;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Counts what a device does. Counters of a step are written by the thread that records it. */
final class Statistics {
  /** Counters of one step name. */
  static final class StepCounters {
    final String name;
    final TreeSet<Integer> graphs = new TreeSet<>();
    volatile StepContract contract = StepContract.DEFAULT;
    long cuts;
    long recordNanos;
    long hostReads;

    StepCounters(String name) {
      this.name = name;
    }
  }

  private final long opened = System.nanoTime();
  private final Map<String, StepCounters> steps = new LinkedHashMap<>();
  private final List<DeviceReport.Compile> compiles = new ArrayList<>();
  private long cacheHits;
  private long loads;
  long executeNanos;
  long transferNanos;

  synchronized StepCounters step(String name) {
    return steps.computeIfAbsent(name, StepCounters::new);
  }

  synchronized int nextGraph() {
    return (int) (compiles.size() + loads + 1);
  }

  synchronized void loaded() {
    loads++;
  }

  synchronized void compiled(
      int graph, String step, CompileCause cause, int instructions, long nanos) {
    double start = (System.nanoTime() - opened - nanos) * 1e-9;
    compiles.add(new DeviceReport.Compile(graph, step, cause, instructions, start, nanos * 1e-9));
  }

  synchronized void cacheHit() {
    cacheHits++;
  }

  synchronized DeviceReport report(String device, String engine, long live, long peak) {
    List<DeviceReport.StepRow> rows = new ArrayList<>();
    for (StepCounters s : steps.values()) {
      if (s.cuts > 0) {
        rows.add(
            new DeviceReport.StepRow(
                s.name, s.cuts, s.graphs.size(), s.recordNanos * 1e-9, s.hostReads));
      }
    }
    double compileSeconds = compiles.stream().mapToDouble(DeviceReport.Compile::seconds).sum();
    return new DeviceReport(
        device,
        engine,
        rows,
        compiles,
        cacheHits,
        loads,
        compileSeconds,
        executeNanos * 1e-9,
        transferNanos * 1e-9,
        live,
        peak);
  }
}
