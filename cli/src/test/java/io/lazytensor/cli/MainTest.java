package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {
  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Outcome(code, out.toString(), err.toString());
  }

  @Test
  void withoutArgumentsItShowsItsCommands() {
    Outcome outcome = run();
    assertEquals(0, outcome.code);
    assertTrue(outcome.out.contains("train") && outcome.out.contains("doctor"), outcome.out);
  }

  @Test
  void anUnknownCommandIsWrongUsage() {
    Outcome outcome = run("trian");
    assertEquals(2, outcome.code);
    assertTrue(outcome.err.contains("trian"), outcome.err);
  }

  @Test
  void anUnknownTrainingProgramIsNamed() {
    Outcome outcome = run("train", "resnet");
    assertEquals(2, outcome.code);
    assertTrue(outcome.err.contains("\"resnet\""), outcome.err);
  }

  @Test
  void doctorListsDevices() {
    Outcome outcome = run("doctor");
    assertEquals(0, outcome.code);
    assertTrue(outcome.out.contains("evaluator"), outcome.out);
  }
}
