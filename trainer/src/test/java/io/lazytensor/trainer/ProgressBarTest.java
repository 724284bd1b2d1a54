package io.lazytensor.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is shown on a terminal and elsewhere. */
class ProgressBarTest {
  private static String shown(long steps, boolean terminal, Consumer<ProgressBar> run) {
    StringWriter text = new StringWriter();
    run.accept(new ProgressBar(new PrintWriter(text), 0, steps, 128, "images", terminal));
    return text.toString();
  }

  private static void all(ProgressBar bar, long steps) {
    for (long step = 1; step <= steps; step++) {
      bar.update(step, 1.0 / step);
    }
    bar.finish();
  }

  @Test
  void elsewhereThanOnATerminalLinesAreFewAndPlain() {
    List<String> lines = shown(1000, false, bar -> all(bar, 1000)).lines().toList();
    assertEquals(20, lines.size());
    assertEquals("step 50/1000  loss 0.020000", lines.getFirst());
    assertEquals("step 1000/1000  loss 0.001000", lines.getLast());
  }

  @Test
  void lastStepIsShownWhenStepsDoNotDivide() {
    List<String> lines = shown(47, false, bar -> all(bar, 47)).lines().toList();
    assertEquals("step 47/47  loss 0.021277", lines.getLast());
    assertEquals(lines.size(), lines.stream().distinct().count());
  }

  @Test
  void fewStepsAreAllShown() {
    assertEquals(3, shown(3, false, bar -> all(bar, 3)).lines().count());
  }

  @Test
  void linesAreTheSameForTheSameLosses() {
    assertEquals(shown(100, false, bar -> all(bar, 100)), shown(100, false, bar -> all(bar, 100)));
  }

  @Test
  void terminalShowsThroughputTimeLeftAndLossOnOneLine() {
    String text =
        shown(
            10,
            true,
            bar -> {
              bar.update(5, 0.5);
              bar.evaluated(Map.of("accuracy", 0.75));
              bar.update(10, 0.25);
              bar.finish();
            });
    List<String> drawn = List.of(text.split("\r"));
    String half = drawn.get(1);
    assertTrue(half.startsWith("[============            ] 5/10"), half);
    assertTrue(half.contains("images/s") && half.contains("s left"), half);
    assertTrue(half.contains("loss 0.5000"), half);
    assertFalse(half.contains("accuracy"), half);
    String whole = drawn.getLast();
    assertTrue(whole.startsWith("[========================] 10/10"), whole);
    assertTrue(whole.contains("loss 0.2500  accuracy 0.7500"), whole);
    assertEquals(1, text.lines().filter(line -> line.contains("10/10")).count());
    assertTrue(text.endsWith(System.lineSeparator()), text);
  }

  @Test
  void terminalIsNotDrawnOverForEveryStep() {
    String text =
        shown(
            1_000_000,
            true,
            bar -> {
              for (int step = 1; step <= 1000; step++) {
                bar.update(step, 1);
              }
            });
    assertTrue(text.split("\r").length < 1000, "drawn for every step");
  }

  @Test
  void numbersDoNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      String text =
          shown(
              1,
              true,
              bar -> {
                bar.evaluated(Map.of("accuracy", 0.75));
                bar.update(1, 0.5);
              });
      assertTrue(text.contains("loss 0.5000  accuracy 0.7500"), text);
    } finally {
      Locale.setDefault(before);
    }
  }
}
