package io.lazytensor.trainer;

import io.lazytensor.observe.DeviceReport;
import io.lazytensor.trainer.Chart.Curve;
import io.lazytensor.trainer.MetricsLog.Line;
import io.lazytensor.trainer.MetricsLog.Series;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * A self-contained page about one run: results, curves, throughput, step times, input stalls,
 * graphs and why they were compiled. It loads nothing from elsewhere.
 */
public final class RunReport {
  private static final int RATE_POINTS = 60;
  private static final int BINS = 40;

  /** Names in {@link MetricsLog} that have charts of their own. */
  private static final List<String> KNOWN =
      List.of("loss", "learning_rate", "gradient_norm", "seconds", "stall");

  private static final String STYLE =
      """
      :root{color-scheme:light dark;--ink:#1f2937;--dim:#6b7280;--line:#e5e7eb;--paper:#fff;--soft:#f3f4f6}
      @media(prefers-color-scheme:dark){:root{--ink:#e5e7eb;--dim:#9ca3af;--line:#374151;--paper:#111827;--soft:#1f2937}}
      body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;
      color:var(--ink);background:var(--paper)}h1{font-size:1.6rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
      table{border-collapse:collapse;width:100%;font-size:.93em}td,th{text-align:left;padding:.25rem .6rem;
      border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
      .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(26rem,1fr));gap:0 2rem}
      svg{width:100%;height:auto}svg text{font-size:11px;fill:var(--dim)}.left{text-anchor:end}.below{text-anchor:middle}
      .axis{stroke:var(--dim);fill:none}.grid{stroke:var(--line);fill:none}.curve{fill:none;stroke-width:1.6}
      .c0{stroke:#2563eb}.c1{stroke:#dc2626}.c2{stroke:#059669}.c3{stroke:#d97706}
      circle{stroke-width:0}circle.c0{fill:#2563eb}circle.c1{fill:#dc2626}circle.c2{fill:#059669}circle.c3{fill:#d97706}
      .bar{fill:#2563eb;opacity:.75}code{background:var(--soft);padding:.1rem .3rem;border-radius:3px}
      .lane{fill:#d97706}.banner{background:#b91c1c;color:#fff;padding:.5rem 1rem;border-radius:4px}
      """;

  private final StringBuilder page = new StringBuilder();
  private final MetricsLog metrics;

  private RunReport(MetricsLog metrics) {
    this.metrics = metrics;
  }

  /**
   * Writes the page.
   *
   * @param title of the page
   * @param facts what else to tell, by name, such as numbers before and after
   * @param result the line that sums up the run
   * @throws IOException if it cannot be written
   */
  public static void write(
      Path path,
      String title,
      MetricsLog metrics,
      DeviceReport device,
      SequencedMap<String, String> facts,
      String result)
      throws IOException {
    RunReport report = new RunReport(metrics);
    report.head(title, result);
    report.facts(facts);
    report.evaluations();
    report.page.append("<div class=\"charts\">");
    report.curves();
    report.times();
    report.page.append("</div>");
    report.graphs(device);
    report.steps(device);
    Files.writeString(path, report.page.append("</html>\n"));
  }

  private void head(String title, String result) {
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        .append(Html.escape(title))
        .append("</title><style>")
        .append(STYLE)
        .append("</style><h1>")
        .append(Html.escape(title))
        .append("</h1><p><code>")
        .append(Html.escape(result))
        .append("</code></p>");
  }

  private void facts(SequencedMap<String, String> facts) {
    if (facts.isEmpty()) {
      return;
    }
    page.append("<table>");
    facts.forEach((name, value) ->
        page.append("<tr><th>")
            .append(Html.escape(name))
            .append("<td>")
            .append(Html.escape(value)));
    page.append("</table>");
  }

  // ---- evaluations ------------------------------------------------------------------------------

  private SequencedSet<String> evaluationNames() {
    SequencedSet<String> out = new LinkedHashSet<>();
    metrics.lines().stream().filter(Line::isEvaluation).forEach(line -> out.add(line.evaluation()));
    return out;
  }

  /** The first and the last evaluation of each kind side by side: before and after. */
  private void evaluations() {
    for (String name : evaluationNames()) {
      List<Line> lines =
          metrics.lines().stream().filter(line -> line.evaluation().equals(name)).toList();
      Line first = lines.getFirst();
      Line last = lines.getLast();
      page.append("<h2>Evaluation: ")
          .append(Html.escape(name))
          .append("</h2><table><tr><th>metric<th class=\"n\">step ")
          .append(first.step())
          .append("<th class=\"n\">step ")
          .append(last.step());
      last.values()
          .forEach((metric, value) -> {
            double before = first.values().getOrDefault(metric, Double.NaN);
            page.append(
                format(
                    "<tr><td>%s<td class=\"n\">%.4f<td class=\"n\">%.4f",
                    Html.escape(metric), before, value));
          });
      page.append("</table>");
    }
  }

  // ---- curves -----------------------------------------------------------------------------------

  private void curves() {
    List<Curve> losses = new ArrayList<>();
    losses.add(new Curve("training", metrics.trained("loss")));
    SequencedSet<String> names = evaluationNames();
    for (String name : names) {
      losses.add(new Curve(name, metrics.evaluated(name, "loss")));
    }
    section("Loss", Chart.curves(losses));
    for (String metric : evaluatedMetrics()) {
      section(
          metric,
          Chart.curves(
              names.stream()
                  .map(name -> new Curve(name, metrics.evaluated(name, metric)))
                  .toList()));
    }
    one("Learning rate", "learning_rate");
    one("Gradient norm", "gradient_norm");
    for (String other : otherTrained()) {
      one(other, other);
    }
  }

  private void one(String title, String name) {
    Series series = metrics.trained(name);
    if (series.steps().length > 0) {
      section(title, Chart.curves(List.of(new Curve(name, series))));
    }
  }

  private SequencedSet<String> evaluatedMetrics() {
    SequencedSet<String> out = new LinkedHashSet<>();
    metrics.lines().stream()
        .filter(Line::isEvaluation)
        .forEach(line -> out.addAll(line.values().keySet()));
    out.removeAll(List.of("loss", "seconds"));
    return out;
  }

  private SequencedSet<String> otherTrained() {
    SequencedSet<String> out = new LinkedHashSet<>();
    metrics.lines().stream()
        .filter(line -> !line.isEvaluation())
        .forEach(line -> out.addAll(line.values().keySet()));
    KNOWN.forEach(out::remove);
    return out;
  }

  private void section(String title, String chart) {
    page.append("<section><h2>")
        .append(Html.escape(title))
        .append("</h2>")
        .append(chart)
        .append("</section>");
  }

  // ---- times ------------------------------------------------------------------------------------

  private void times() {
    Series seconds = metrics.trained("seconds");
    section(
        "Steps per second", Chart.curves(List.of(new Curve("steps per second", rate(seconds)))));
    section("Step time in ms", Chart.histogram(stepMillis(seconds), BINS, "ms"));
    Series stall = metrics.trained("stall");
    if (stall.steps().length > 0) {
      double waited = Arrays.stream(stall.values()).sum();
      double[] all = seconds.values();
      double total = all.length == 0 ? 0 : all[all.length - 1];
      section(
          format("Waiting for input: %.2f %% of the time", total > 0 ? 100 * waited / total : 0),
          Chart.curves(List.of(new Curve("seconds a step", stall))));
    }
  }

  private static Series rate(Series seconds) {
    int count = seconds.steps().length;
    int window = Math.max(1, count / RATE_POINTS);
    List<Integer> at = new ArrayList<>();
    for (int i = window; i < count; i += window) {
      at.add(i);
    }
    return new Series(
        at.stream().mapToLong(i -> seconds.steps()[i]).toArray(),
        at.stream()
            .mapToDouble(i -> {
              double time = seconds.values()[i] - seconds.values()[i - window];
              return (seconds.steps()[i] - seconds.steps()[i - window]) / Math.max(1e-9, time);
            })
            .toArray());
  }

  private static double[] stepMillis(Series seconds) {
    double[] out = new double[Math.max(0, seconds.values().length - 1)];
    for (int i = 0; i < out.length; i++) {
      out[i] = 1e3 * (seconds.values()[i + 1] - seconds.values()[i]);
    }
    return out;
  }

  // ---- graphs -----------------------------------------------------------------------------------

  private void graphs(DeviceReport device) {
    page.append("<h2>Graphs</h2><p>").append(Html.escape(device.engine())).append("</p>");
    timeline(device);
    page.append(
        "<table><tr><th class=\"n\">graph<th>step<th class=\"n\">instructions<th class=\"n\">seconds<th>compiled because");
    for (DeviceReport.Compile compile : device.compiles()) {
      page.append(
          format(
              "<tr><td class=\"n\">%d<td>%s<td class=\"n\">%d<td class=\"n\">%.3f<td>%s",
              compile.graph(),
              Html.escape(compile.step()),
              compile.instructions(),
              compile.seconds(),
              Html.escape(compile.cause().toString())));
    }
    page.append("</table>");
  }

  /** When graphs were compiled: a late compile is a stall nobody planned. */
  private void timeline(DeviceReport device) {
    Series seconds = metrics.trained("seconds");
    double run =
        Math.max(
            seconds.values().length == 0 ? 0 : seconds.values()[seconds.values().length - 1],
            device.compiles().stream()
                .mapToDouble(compile -> compile.startSeconds() + compile.seconds())
                .max()
                .orElse(0));
    if (run <= 0) {
      return;
    }
    page.append("<svg viewBox=\"0 0 700 34\" role=\"img\"><path class=\"axis\" d=\"M10 18H690\"/>");
    for (DeviceReport.Compile compile : device.compiles()) {
      page.append(
          format(
              "<rect class=\"lane\" x=\"%.1f\" y=\"8\" width=\"%.1f\" height=\"10\"><title>graph %d, step %s: %.3f s from %.3f s on</title></rect>",
              10 + 680 * compile.startSeconds() / run,
              Math.max(2, 680 * compile.seconds() / run),
              compile.graph(),
              Html.escape(compile.step()),
              compile.seconds(),
              compile.startSeconds()));
    }
    page.append(
        format(
            "<text x=\"10\" y=\"31\">0 s</text><text class=\"left\" x=\"690\" y=\"31\">%.1f s</text></svg>",
            run));
  }

  private void steps(DeviceReport device) {
    page.append(
        "<h2>Time and memory</h2><table><tr><th>step<th class=\"n\">cuts<th class=\"n\">graphs<th class=\"n\">recording");
    for (DeviceReport.StepRow row : device.steps()) {
      page.append(
          format(
              "<tr><td>%s<td class=\"n\">%d<td class=\"n\">%d<td class=\"n\">%.3f s",
              Html.escape(row.name()), row.cuts(), row.graphs(), row.recordSeconds()));
    }
    page.append(
        format(
            "</table><p>Executing %.2f s, transfers %.2f s, compiling %.2f s; at most %,d bytes of"
                + " device memory.</p>",
            device.executeSeconds(),
            device.transferSeconds(),
            device.compileSeconds(),
            device.peakBytes()));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Returns no further facts. */
  public static SequencedMap<String, String> noFacts() {
    return new LinkedHashMap<>();
  }
}
