package io.lazytensor.trainer;

import io.lazytensor.trainer.MetricsLog.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Draws numbers as SVG: curves over steps, bars of a histogram. */
final class Chart {
  private static final int MOST_POINTS = 600;
  private static final int LEFT = 64;
  private static final int RIGHT = 690;
  private static final int TOP = 12;
  private static final int BOTTOM = 200;
  private static final int TICKS = 5;

  /**
   * One curve.
   *
   * @param name for the legend
   * @param series its points
   */
  record Curve(String name, Series series) {}

  /** From data to the picture. */
  private record Scale(double left, double right, double low, double high) {
    double x(double value) {
      return LEFT + (RIGHT - LEFT) * (value - left) / (right - left);
    }

    double y(double value) {
      return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low);
    }
  }

  private Chart() {}

  /** Returns curves over steps in one picture; what is no finite number is left out. */
  static String curves(List<Curve> curves) {
    List<Curve> drawn =
        curves.stream()
            .map(curve -> new Curve(curve.name, finite(curve.series)))
            .filter(curve -> curve.series.steps().length > 0)
            .toList();
    if (drawn.isEmpty()) {
      return "<p>No data.</p>";
    }
    Scale scale = scale(drawn);
    StringBuilder out = new StringBuilder("<svg viewBox=\"0 0 700 225\" role=\"img\">");
    grid(out, scale);
    for (int i = 0; i < drawn.size(); i++) {
      curve(out, drawn.get(i), scale, i);
    }
    if (drawn.size() > 1) {
      legend(out, drawn);
    }
    return out.append("</svg>").toString();
  }

  private static Series finite(Series series) {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < series.values().length; i++) {
      if (Double.isFinite(series.values()[i])) {
        kept.add(i);
      }
    }
    // Every point of a long run would make a page of megabytes; the last one always counts.
    int stride = Math.max(1, kept.size() / MOST_POINTS);
    List<Integer> drawn = new ArrayList<>();
    for (int i = 0; i < kept.size(); i += stride) {
      drawn.add(kept.get(i));
    }
    if (!kept.isEmpty() && !drawn.getLast().equals(kept.getLast())) {
      drawn.add(kept.getLast());
    }
    return new Series(
        drawn.stream().mapToLong(i -> series.steps()[i]).toArray(),
        drawn.stream().mapToDouble(i -> series.values()[i]).toArray());
  }

  private static Scale scale(List<Curve> curves) {
    double left = Double.POSITIVE_INFINITY;
    double right = Double.NEGATIVE_INFINITY;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Curve curve : curves) {
      for (long step : curve.series.steps()) {
        left = Math.min(left, step);
        right = Math.max(right, step);
      }
      for (double value : curve.series.values()) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    double room = high > low ? 0 : Math.max(1e-12, Math.abs(high) * 0.05);
    return new Scale(left, right > left ? right : left + 1, low - room, high + room);
  }

  private static void grid(StringBuilder out, Scale scale) {
    for (double tick : ticks(scale.low, scale.high)) {
      double y = scale.y(tick);
      out.append(
          format("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, RIGHT)
              + format(
                  "<text class=\"left\" x=\"%d\" y=\"%.1f\">%s</text>",
                  LEFT - 6, y + 4, number(tick)));
    }
    for (double tick : ticks(scale.left, scale.right)) {
      out.append(
          format(
              "<text class=\"below\" x=\"%.1f\" y=\"%d\">%s</text>",
              scale.x(tick), BOTTOM + 17, number(tick)));
    }
    out.append(format("<path class=\"axis\" d=\"M%d %dV%dH%d\"/>", LEFT, TOP, BOTTOM, RIGHT));
  }

  /** Returns round numbers in a range: multiples of 1, 2 or 5 times a power of ten. */
  static List<Double> ticks(double low, double high) {
    double rough = (high - low) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double share = rough / power;
    double step = power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
    List<Double> out = new ArrayList<>();
    for (double k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++) {
      out.add(k * step);
    }
    return out;
  }

  /** Returns a number without the digits that rounding left. */
  private static String number(double value) {
    if (value != 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) {
      return format("%.3g", value);
    }
    String text = format("%.6f", value);
    return text.replaceAll("0+$", "").replaceAll("\\.$", "").replaceAll("^-0$", "0");
  }

  private static void curve(StringBuilder out, Curve curve, Scale scale, int index) {
    Series series = curve.series;
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < series.steps().length; i++) {
      points.append(format("%.1f,%.1f ", scale.x(series.steps()[i]), scale.y(series.values()[i])));
    }
    out.append(
        format(
            "<polyline class=\"curve c%d\" points=\"%s\"/>", index % 4, points.toString().strip()));
    if (series.steps().length <= 60) {
      for (int i = 0; i < series.steps().length; i++) {
        out.append(
            format(
                "<circle class=\"c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s at step %d: %s</title></circle>",
                index % 4,
                scale.x(series.steps()[i]),
                scale.y(series.values()[i]),
                Html.escape(curve.name),
                series.steps()[i],
                format("%.6g", series.values()[i])));
      }
    }
  }

  private static void legend(StringBuilder out, List<Curve> curves) {
    for (int i = 0; i < curves.size(); i++) {
      int y = TOP + 12 + 16 * i;
      out.append(
          format("<path class=\"curve c%d\" d=\"M%d %dh18\"/>", i % 4, LEFT + 10, y - 4)
              + format(
                  "<text x=\"%d\" y=\"%d\">%s</text>",
                  LEFT + 34, y, Html.escape(curves.get(i).name)));
    }
  }

  /**
   * Returns how often numbers fall into each of some equal ranges.
   *
   * @param unit of the numbers, such as {@code ms}
   */
  static String histogram(double[] values, int bins, String unit) {
    double[] finite = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    if (finite.length == 0) {
      return "<p>No data.</p>";
    }
    double low = finite[0];
    // Rare stragglers would squeeze everything else into one bar; the last bar holds them.
    double high = finite[(int) Math.min(finite.length - 1, Math.ceil(finite.length * 0.99))];
    double width = high > low ? (high - low) / bins : Math.max(1e-12, Math.abs(low) * 0.01);
    long[] counts = new long[bins];
    for (double value : finite) {
      counts[(int) Math.min(bins - 1, (value - low) / width)]++;
    }
    long most = Arrays.stream(counts).max().orElse(1);
    Scale scale = new Scale(low, low + width * bins, 0, most);
    StringBuilder out = new StringBuilder("<svg viewBox=\"0 0 700 225\" role=\"img\">");
    grid(out, scale);
    for (int i = 0; i < bins; i++) {
      double from = low + i * width;
      out.append(
          format(
              "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%d between %.4g and %.4g %s</title></rect>",
              scale.x(from),
              scale.y(counts[i]),
              Math.max(1, scale.x(from + width) - scale.x(from) - 1),
              BOTTOM - scale.y(counts[i]),
              counts[i],
              from,
              from + width,
              unit));
    }
    return out.append("</svg>").toString();
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
