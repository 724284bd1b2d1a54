package io.lazytensor.observe;

import java.util.List;
import java.util.Locale;

/**
 * What a device did so far.
 *
 * @param device the name it was opened with
 * @param engine what really runs the graphs
 * @param steps one row for each step name, in order of first use
 * @param compiles every compile, in order
 * @param cacheHits cuts of a new path whose graph was compiled already
 * @param loads graphs that were not compiled but loaded, since an earlier process had compiled them
 * @param compileSeconds total time in the compiler
 * @param executeSeconds total time executing
 * @param transferSeconds total time moving data between host and device
 * @param liveBytes device memory in use
 * @param peakBytes the most device memory ever in use
 */
public record DeviceReport(
    String device,
    String engine,
    List<StepRow> steps,
    List<Compile> compiles,
    long cacheHits,
    long loads,
    double compileSeconds,
    double executeSeconds,
    double transferSeconds,
    long liveBytes,
    long peakBytes) {

  /** Copies the lists. */
  public DeviceReport {
    steps = List.copyOf(steps);
    compiles = List.copyOf(compiles);
  }

  /**
   * What was done under one step name.
   *
   * @param name the step's name
   * @param cuts how many cuts ran
   * @param graphs how many different graphs they ran
   * @param recordSeconds time between opening the recording and its cut, compiling left out
   * @param hostReads values fetched
   */
  public record StepRow(String name, long cuts, int graphs, double recordSeconds, long hostReads) {}

  /**
   * One compile.
   *
   * @param graph the graph's number on this device, from 1
   * @param step the step's name
   * @param cause why
   * @param instructions the size of the graph that was compiled
   * @param startSeconds when it began, since the device was opened
   * @param seconds time in the compiler
   */
  public record Compile(
      int graph,
      String step,
      CompileCause cause,
      int instructions,
      double startSeconds,
      double seconds) {}

  /** Returns how many graphs were compiled or loaded. */
  public int graphs() {
    return Math.toIntExact(compiles.size() + loads);
  }

  /** Returns the report as lines for people. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    out.append("device ").append(device).append(" (").append(engine).append(")\n");
    for (StepRow row : steps) {
      out.append(
          String.format(
              Locale.ROOT,
              "  step \"%s\": %d cuts, %d graphs, %d host reads, recording %.3f s%n",
              row.name,
              row.cuts,
              row.graphs,
              row.hostReads,
              row.recordSeconds));
    }
    for (Compile compile : compiles) {
      out.append(
          String.format(
              Locale.ROOT,
              "  graph %d (step \"%s\", %d instructions, %.3f s): %s%n",
              compile.graph,
              compile.step,
              compile.instructions,
              compile.seconds,
              compile.cause));
    }
    if (loads > 0) {
      out.append(String.format(Locale.ROOT, "  %d graphs loaded, not compiled%n", loads));
    }
    out.append(
        String.format(
            Locale.ROOT,
            "  compiling %.3f s, executing %.3f s, transfers %.3f s; memory %,d bytes now, %,d at"
                + " the peak%n",
            compileSeconds,
            executeSeconds,
            transferSeconds,
            liveBytes,
            peakBytes));
    return out.toString();
  }
}
