package io.lazytensor.examples.run;

import io.lazytensor.examples.run.MetricsLog.EvaluationPoint;
import io.lazytensor.examples.run.MetricsLog.StepPoint;
import io.lazytensor.observe.DeviceReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A self-contained page about one run: curves, throughput, graphs and why they were compiled. */
public final class RunReport {
  private static final int MOST_POINTS = 600;
  private static final String STYLE =
      """
      body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
      table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem;
      border-bottom:1px solid #ddd;vertical-align:top}svg{width:100%;height:auto}
      .axis{stroke:#999}.curve{fill:none;stroke:#2563eb;stroke-width:1.5}text{font-size:11px;fill:#555}
      code{background:#f3f4f6;padding:.1rem .3rem}
      """;

  private record Point(double x, double y) {}

  private RunReport() {}

  /** Writes the page. */
  public static void write(
      Path path, String title, MetricsLog metrics, DeviceReport device, String result)
      throws IOException {
    StringBuilder page = new StringBuilder();
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>")
        .append(escape(title))
        .append("</title><style>")
        .append(STYLE)
        .append("</style><h1>")
        .append(escape(title))
        .append("</h1><p><code>")
        .append(escape(result))
        .append("</code></p>");
    chart(page, "Training loss", lossPoints(metrics.steps()));
    chart(page, "Accuracy on the test images", accuracyPoints(metrics.evaluations()));
    chart(page, "Steps per second", ratePoints(metrics.steps()));
    graphs(page, device);
    steps(page, device);
    Files.writeString(path, page.append("</html>\n"));
  }

  private static List<Point> lossPoints(List<StepPoint> steps) {
    int stride = Math.max(1, steps.size() / MOST_POINTS);
    List<Point> out = new ArrayList<>();
    for (int i = 0; i < steps.size(); i += stride) {
      out.add(new Point(steps.get(i).step(), steps.get(i).loss()));
    }
    return out;
  }

  private static List<Point> accuracyPoints(List<EvaluationPoint> evaluations) {
    return evaluations.stream().map(e -> new Point(e.step(), e.accuracy())).toList();
  }

  private static List<Point> ratePoints(List<StepPoint> steps) {
    int window = Math.max(1, steps.size() / 50);
    List<Point> out = new ArrayList<>();
    for (int i = window; i < steps.size(); i += window) {
      StepPoint before = steps.get(i - window);
      StepPoint now = steps.get(i);
      double seconds = Math.max(1e-9, now.seconds() - before.seconds());
      out.add(new Point(now.step(), window / seconds));
    }
    return out;
  }

  private static void chart(StringBuilder page, String title, List<Point> all) {
    List<Point> points = all.stream().filter(p -> Double.isFinite(p.y)).toList();
    page.append("<h2>").append(escape(title)).append("</h2>");
    if (points.isEmpty()) {
      page.append("<p>No data.</p>");
      return;
    }
    double left = points.getFirst().x;
    double width = Math.max(1, points.getLast().x - left);
    double low = points.stream().mapToDouble(Point::y).min().orElse(0);
    double high = points.stream().mapToDouble(Point::y).max().orElse(1);
    double height = high > low ? high - low : 1;
    page.append("<svg viewBox=\"0 0 700 220\"><path class=\"axis\" d=\"M50 10V200H690\"/>");
    page.append("<polyline class=\"curve\" points=\"");
    for (Point p : points) {
      page.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              50 + 640 * (p.x - left) / width,
              200 - 185 * (p.y - low) / height));
    }
    page.append("\"/>");
    label(page, 2, 18, high);
    label(page, 2, 200, low);
    label(page, 50, 215, left);
    label(page, 650, 215, left + width);
    page.append("</svg>");
  }

  private static void label(StringBuilder page, int x, int y, double value) {
    page.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%.4g</text>", x, y, value));
  }

  private static void graphs(StringBuilder page, DeviceReport device) {
    page.append("<h2>Graphs</h2><p>").append(escape(device.engine())).append("</p>");
    page.append("<table><tr><th>graph<th>step<th>instructions<th>seconds<th>compiled because");
    for (DeviceReport.Compile compile : device.compiles()) {
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%d<td>%s<td>%d<td>%.3f<td>%s",
              compile.graph(),
              escape(compile.step()),
              compile.instructions(),
              compile.seconds(),
              escape(compile.cause().toString())));
    }
    page.append("</table>");
  }

  private static void steps(StringBuilder page, DeviceReport device) {
    page.append("<h2>Time and memory</h2><table><tr><th>step<th>cuts<th>graphs<th>recording");
    for (DeviceReport.StepRow row : device.steps()) {
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s<td>%d<td>%d<td>%.3f s",
              escape(row.name()),
              row.cuts(),
              row.graphs(),
              row.recordSeconds()));
    }
    page.append(
        String.format(
            Locale.ROOT,
            "</table><p>Executing %.2f s, transfers %.2f s, compiling %.2f s; at most %,d bytes of"
                + " device memory.</p>",
            device.executeSeconds(),
            device.transferSeconds(),
            device.compileSeconds(),
            device.peakBytes()));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
