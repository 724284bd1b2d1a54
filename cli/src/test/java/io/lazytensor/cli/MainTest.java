package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void withoutArgumentsItShowsItsCommands() {
    CommandRun outcome = CommandRun.of();
    assertEquals(0, outcome.code());
    assertTrue(outcome.out().contains("train") && outcome.out().contains("doctor"), outcome.out());
  }

  @Test
  void anUnknownCommandIsWrongUsage() {
    CommandRun outcome = CommandRun.of("trian");
    assertEquals(2, outcome.code());
    assertTrue(outcome.err().contains("trian"), outcome.err());
  }

  @Test
  void anUnknownTrainingProgramIsNamed() {
    CommandRun outcome = CommandRun.of("train", "resnet");
    assertEquals(2, outcome.code());
    assertTrue(outcome.err().contains("\"resnet\""), outcome.err());
  }

  @Test
  void doctorListsDevices() {
    CommandRun outcome = CommandRun.of("doctor");
    assertEquals(0, outcome.code());
    assertTrue(outcome.out().contains("evaluator"), outcome.out());
  }
}
