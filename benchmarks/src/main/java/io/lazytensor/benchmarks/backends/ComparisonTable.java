package io.lazytensor.benchmarks.backends;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measurements as a table: a row for each workload, a column for each device. */
final class ComparisonTable {
  private final List<String> devices;
  private final Map<String, Map<String, Measurement>> rows = new LinkedHashMap<>();

  ComparisonTable(List<String> devices, List<Measurement> measurements) {
    this.devices = List.copyOf(devices);
    for (Measurement measurement : measurements) {
      rows.computeIfAbsent(measurement.workload(), _ -> new LinkedHashMap<>())
          .put(measurement.device(), measurement);
    }
  }

  List<String> devices() {
    return devices;
  }

  Map<String, Map<String, Measurement>> rows() {
    return rows;
  }

  void print(PrintStream out) {
    out.printf("%n%-50s", "microseconds");
    devices.forEach(device -> out.printf(" %20s", device));
    out.println();
    rows.forEach((workload, row) -> {
      out.printf("%-50s", workload);
      for (String device : devices) {
        Measurement known = row.get(device);
        out.printf(" %20s", known == null ? "-" : time(known));
      }
      out.println();
    });
  }

  /** Returns a time with its error: {@code 12.3 ± 0.4}. */
  static String time(Measurement measurement) {
    return Double.isNaN(measurement.error())
        ? String.format(Locale.ROOT, "%.4g", measurement.microseconds())
        : String.format(
            Locale.ROOT, "%.4g ± %.2g", measurement.microseconds(), measurement.error());
  }
}
