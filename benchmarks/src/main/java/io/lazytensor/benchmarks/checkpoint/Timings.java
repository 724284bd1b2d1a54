package io.lazytensor.benchmarks.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Seconds of each operation, over all rounds. */
final class Timings {
  private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

  interface Action {
    void run() throws Exception;
  }

  void time(String name, Action action) throws Exception {
    long start = System.nanoTime();
    action.run();
    add(name, (System.nanoTime() - start) / 1e9);
  }

  void add(String name, double value) {
    seconds.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
  }

  Iterable<String> names() {
    return seconds.keySet();
  }

  boolean has(String name) {
    return seconds.containsKey(name);
  }

  /** Returns the median: other programs disturb single rounds. */
  double median(String name) {
    List<Double> sorted = seconds.getOrDefault(name, List.of()).stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  double best(String name) {
    return seconds.getOrDefault(name, List.of()).stream().min(Double::compare).orElseThrow();
  }
}
