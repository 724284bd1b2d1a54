package io.lazytensor.benchmarks.backends;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measurements as a self-contained page: bars on a logarithmic scale, and the table. */
final class ComparisonPage {
  private static final List<String> COLOURS =
      List.of("#2563eb", "#ea580c", "#16a34a", "#9333ea", "#db2777", "#64748b");
  private static final int LABELS = 330;
  private static final int WIDTH = 960;
  private static final int BAR = 14;

  private static final String STYLE =
      """
      body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
      table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem;
      border-bottom:1px solid #ddd}td+td,th+th{text-align:right}svg{width:100%;height:auto}
      text{font-size:12px;fill:#333}.tick{stroke:#ddd}.key{display:inline-block;width:.8em;
      height:.8em;margin:0 .3em 0 1em}
      """;

  private final ComparisonTable table;
  private final StringBuilder page = new StringBuilder();
  private final double low;
  private final double decades;

  private ComparisonPage(ComparisonTable table) {
    this.table = table;
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (Map<String, Measurement> row : table.rows().values()) {
      for (Measurement known : row.values()) {
        least = Math.min(least, known.microseconds());
        most = Math.max(most, known.microseconds());
      }
    }
    this.low = Math.floor(Math.log10(Math.max(least, 1e-3)) - 0.05);
    this.decades = Math.max(1, Math.ceil(Math.log10(Math.max(most, 1e-3))) - low);
  }

  /**
   * Writes the page.
   *
   * @param machine what it was measured on
   */
  static void write(Path path, ComparisonTable table, String machine) throws IOException {
    ComparisonPage page = new ComparisonPage(table);
    page.build(machine);
    Files.writeString(path, page.page);
  }

  private void build(String machine) {
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">")
        .append("<title>Devices compared</title><style>")
        .append(STYLE)
        .append("</style><h1>Devices compared</h1><p>")
        .append(escape(machine))
        .append(
            ". Average time of one execution until its result is on the host; shorter is better,")
        .append(" the scale is logarithmic.</p><p>");
    for (int i = 0; i < table.devices().size(); i++) {
      page.append("<span class=\"key\" style=\"background:")
          .append(colour(i))
          .append("\"></span>")
          .append(escape(table.devices().get(i)));
    }
    page.append("</p>");
    bars();
    rows();
    page.append("</html>\n");
  }

  private void bars() {
    int groups = table.rows().size();
    int step = table.devices().size() * BAR + 16;
    int height = groups * step + 30;
    append("<svg viewBox=\"0 0 %d %d\">", WIDTH, height);
    for (int d = 0; d <= (int) decades; d++) {
      double x = position(Math.pow(10, low + d));
      append("<path class=\"tick\" d=\"M%.1f 0V%d\"/>", x, height - 20);
      append(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x, height - 5, tick(low + d));
    }
    int y = 8;
    for (Map.Entry<String, Map<String, Measurement>> row : table.rows().entrySet()) {
      append(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LABELS - 8, y + (step - 16) / 2.0 + 4, escape(row.getKey()));
      for (int i = 0; i < table.devices().size(); i++) {
        Measurement known = row.getValue().get(table.devices().get(i));
        if (known != null) {
          double to = position(known.microseconds());
          append(
              "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"><title>%s: %s µs</title></rect>",
              LABELS,
              y + i * BAR,
              Math.max(1, to - LABELS),
              BAR - 2,
              colour(i),
              escape(known.device()),
              ComparisonTable.time(known));
        }
      }
      y += step;
    }
    page.append("</svg>");
  }

  private double position(double microseconds) {
    double share = (Math.log10(Math.max(microseconds, 1e-3)) - low) / decades;
    return LABELS + (WIDTH - LABELS - 30) * Math.clamp(share, 0, 1);
  }

  private static String tick(double exponent) {
    double value = Math.pow(10, exponent);
    if (value >= 1e6) {
      return String.format(Locale.ROOT, "%.0f s", value / 1e6);
    }
    return value >= 1e3
        ? String.format(Locale.ROOT, "%.0f ms", value / 1e3)
        : String.format(Locale.ROOT, "%.3g µs", value);
  }

  private void rows() {
    page.append("<table><tr><th>µs");
    table.devices().forEach(device -> page.append("<th>").append(escape(device)));
    table
        .rows()
        .forEach((workload, row) -> {
          page.append("<tr><td>").append(escape(workload));
          for (String device : table.devices()) {
            Measurement known = row.get(device);
            page.append("<td>").append(known == null ? "–" : ComparisonTable.time(known));
          }
        });
    page.append("</table>");
  }

  private void append(String format, Object... arguments) {
    page.append(String.format(Locale.ROOT, format, arguments));
  }

  private static String colour(int index) {
    return COLOURS.get(index % COLOURS.size());
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
