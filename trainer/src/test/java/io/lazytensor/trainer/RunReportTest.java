package io.lazytensor.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.observe.CompileCause;
import io.lazytensor.observe.CompileCause.RecordedCall;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.xla.ir.SourceLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page about a run shows. */
class RunReportTest {
  private static final Pattern CURVE = Pattern.compile("<polyline[^>]* points=\"([^\"]*)\"");

  @TempDir Path folder;

  private static DeviceReport device() {
    RecordedCall old = call("add(x, y)", 12);
    RecordedCall now = call("less(x, y) -> List<Tensor>", 14);
    return new DeviceReport(
        "cpu",
        "engine 1.2",
        List.of(new DeviceReport.StepRow("train", 30, 2, 0.5, 30)),
        List.of(
            new DeviceReport.Compile(
                1, "train", new CompileCause("train", Optional.empty(), old), 87, 0, 0.25),
            new DeviceReport.Compile(
                2, "train", new CompileCause("train", Optional.of(old), now), 88, 1, 0.125)),
        3,
        0,
        0.375,
        1.5,
        0.25,
        1_000,
        2_000_000);
  }

  private static RecordedCall call(String text, int line) {
    return new RecordedCall(text, new SourceLine("Train", "main", "Train.java", line));
  }

  private String page(String title, Consumer<MetricsLog> run) throws IOException {
    Path path = folder.resolve("report.html");
    try (MetricsLog metrics = MetricsLog.create(folder.resolve("metrics.jsonl"))) {
      run.accept(metrics);
      RunReport.write(path, title, metrics, device(), RunReport.noFacts(), "result: accuracy=0.9");
    }
    return Files.readString(path);
  }

  private static List<String> curves(String page) {
    return CURVE.matcher(page).results().map(match -> match.group(1)).toList();
  }

  private static void step(MetricsLog metrics, long step, double loss) {
    metrics.step(step, Map.of("loss", loss));
  }

  private static void someSteps(MetricsLog metrics) {
    for (int step = 1; step <= 100; step++) {
      step(metrics, step, 2.0 / step);
    }
    metrics.evaluation(50, "test", Map.of("accuracy", 0.5));
    metrics.evaluation(100, "test", Map.of("accuracy", 0.75));
  }

  @Test
  void showsCurvesOfLossAccuracyAndThroughput() throws IOException {
    String page = page("a run", RunReportTest::someSteps);
    List<String> curves = curves(page);
    assertEquals(3, curves.size());
    String[] loss = curves.get(0).trim().split(" ");
    assertEquals(100, loss.length);
    assertEquals("64.0,12.0", loss[0], "the largest loss is first and on top");
    assertEquals("690.0,200.0", loss[99], "the smallest loss is last and at the bottom");
    assertEquals("64.0,200.0 690.0,12.0", curves.get(1).trim());
    assertTrue(curves.get(2).trim().split(" ").length > 10, curves.get(2));
  }

  @Test
  void pageNeedsNothingFromElsewhere() throws IOException {
    String page = page("a run", RunReportTest::someSteps);
    Matcher outside = Pattern.compile("https?:|src=|href=|@import|url\\(|<script").matcher(page);
    assertFalse(outside.find(), page);
  }

  @Test
  void tellsGraphsAndWhyTheyWereCompiled() throws IOException {
    String page = page("a run", RunReportTest::someSteps);
    assertTrue(page.contains("engine 1.2"), page);
    assertTrue(
        page.contains(
            "<tr><td class=\"n\">1<td>train<td class=\"n\">87<td class=\"n\">0.250<td>first recording"),
        page);
    assertTrue(
        page.contains(
            "expected add(x, y) (Train.java:12), got less(x, y) -&gt; List&lt;Tensor&gt;"),
        page);
    assertTrue(page.contains("at most 2,000,000 bytes"), page);
    assertTrue(page.contains("<code>result: accuracy=0.9</code>"), page);
  }

  @Test
  void textIsNeverTakenForMarkup() throws IOException {
    String page = page("<b>1 & 2</b>", RunReportTest::someSteps);
    assertTrue(page.contains("<h1>&lt;b&gt;1 &amp; 2&lt;/b&gt;</h1>"), page);
    assertFalse(page.contains("<b>"), page);
  }

  @Test
  void lossesThatAreNoNumbersAreLeftOutOfTheCurve() throws IOException {
    String page =
        page(
            "a run",
            metrics -> {
              step(metrics, 1, 2);
              step(metrics, 2, Double.NaN);
              step(metrics, 3, Double.POSITIVE_INFINITY);
              step(metrics, 4, 1);
            });
    assertEquals("64.0,12.0 690.0,200.0", curves(page).getFirst().trim());
    assertFalse(page.contains("NaN"), page);
  }

  @Test
  void runWithoutAnyStepSaysSo() throws IOException {
    String page = page("a run", metrics -> {});
    assertEquals(0, curves(page).size());
    assertTrue(page.contains("No data."), page);
  }

  @Test
  void longRunStaysASmallPage() throws IOException {
    String page =
        page(
            "a run",
            metrics -> {
              for (int step = 1; step <= 20_000; step++) {
                step(metrics, step, 1.0 / step);
              }
            });
    assertTrue(page.length() < 60_000, "page of " + page.length() + " characters");
  }
}
