package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed, or run out of disk, while they save. */
class CrashTest {
  private static final int FLOATS = 500_000;
  private static final int LONGEST_LIFE_MILLIS = 120;

  @TempDir Path folder;

  /** Saves for ever, and says which steps are complete. */
  static final class Saver {
    private Saver() {}

    public static void main(String[] arguments) {
      Path folder = Path.of(arguments[0]);
      boolean asynchronous = Boolean.parseBoolean(arguments[1]);
      try (CheckpointManager manager =
          CheckpointManager.builder(folder).keepLast(2).asynchronous(asynchronous).build()) {
        long step = manager.latest().map(SavedCheckpoint::step).orElse(0L);
        while (true) {
          step++;
          manager.save(step, Steps.tree(step, FLOATS));
          manager.await();
          System.out.println(step);
        }
      } catch (CheckpointException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static List<String> java(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String separator = System.getProperty("path.separator");
    String paths =
        Stream.of("jdk.module.path", "java.class.path")
            .map(name -> System.getProperty(name, ""))
            .filter(path -> !path.isEmpty())
            .reduce((a, b) -> a + separator + b)
            .orElseThrow();
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            "target/test-classes" + separator + paths,
            main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private void killAtRandom(int times) throws IOException, InterruptedException {
    long seed = Long.getLong("tests.seed", 20261125);
    Random random = new Random(seed);
    long newest = 0;
    for (int i = 0; i < times; i++) {
      long reported = run(random.nextInt(LONGEST_LIFE_MILLIS), i % 2 == 0);
      newest = Math.max(newest, reported);
      try (CheckpointManager manager = CheckpointManager.builder(folder).build()) {
        Optional<SavedCheckpoint> found = manager.latest();
        if (newest > 0) {
          SavedCheckpoint good = found.orElseThrow();
          assertTrue(
              good.step() >= newest,
              "step %d was complete, %d is the latest; seed %d, kill %d"
                  .formatted(newest, good.step(), seed, i));
          Steps.check(good.step(), good.tree());
          newest = good.step();
        }
        for (long step : manager.list()) {
          Steps.check(step, manager.load(step));
        }
      }
    }
    assertTrue(newest > times / 2, "too few steps were saved for a test: " + newest);
    requireTidyAfterOneMore(newest + 1);
  }

  /** Returns the last step the process called complete before it was killed. */
  private long run(int millis, boolean asynchronous) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(java(Saver.class, folder.toString(), Boolean.toString(asynchronous)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    AtomicLong last = new AtomicLong();
    try (BufferedReader output = process.inputReader()) {
      // The JVM's start takes longer than a save.
      String first = output.readLine();
      assertTrue(first != null && first.matches("[0-9]+"), "the process said: " + first);
      last.set(Long.parseLong(first));
      Thread.sleep(millis);
      // Not the process's own method, which closes its output too.
      process.toHandle().destroyForcibly();
      output
          .lines()
          .filter(line -> line.matches("[0-9]+"))
          .forEach(line -> last.set(Long.parseLong(line)));
    }
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    return last.get();
  }

  private void requireTidyAfterOneMore(long step) throws IOException {
    try (CheckpointManager manager = CheckpointManager.builder(folder).keepLast(2).build()) {
      manager.save(step, Steps.tree(step, 10));
    }
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(4, files.filter(Files::isRegularFile).count());
    }
  }

  @Test
  void theLatestCheckpointSurvives20Kills() throws IOException, InterruptedException {
    killAtRandom(20);
  }

  @Test
  @Tag("full")
  void theLatestCheckpointSurvives200Kills() throws IOException, InterruptedException {
    killAtRandom(200);
  }

  /** Saves until the disk is full, and says what is left. */
  static final class Filler {
    private Filler() {}

    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(arguments[0]);
      try (CheckpointManager manager =
          CheckpointManager.builder(folder).keepLast(100).asynchronous(false).build()) {
        for (long step = 1; ; step++) {
          try {
            manager.save(step, Steps.tree(step, FLOATS));
          } catch (CheckpointException e) {
            System.out.println(e.getMessage());
            break;
          }
        }
        SavedCheckpoint latest = manager.latest().orElseThrow();
        Steps.check(latest.step(), latest.tree());
        try (Stream<Path> files = Files.walk(folder)) {
          long count = files.filter(Files::isRegularFile).count();
          System.out.println("latest %d, %d files".formatted(latest.step(), count));
        }
      }
    }
  }

  /** In a namespace of its own a process may mount a small disk without being root. */
  @Test
  void aFullDiskIsNamedAndTheCheckpointBeforeStays() throws IOException, InterruptedException {
    String mount = "mount -t tmpfs -o size=9m tmpfs '" + folder + "'";
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/unshare"))
            && run(List.of("unshare", "-rm", "sh", "-c", mount)).isEmpty(),
        "this system lets nobody mount a small disk in a namespace");
    List<String> command = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c"));
    command.add(mount + " && exec \"$@\"");
    command.add("sh");
    command.addAll(java(Filler.class, folder.toString()));
    List<String> output = run(command).lines().toList();
    assertTrue(
        output
            .getFirst()
            .matches(
                "cannot write .*/step-0000000005/checkpoint.pt: No space left on device. It needs"
                    + " about 2,00[0-9],[0-9]{3} bytes, and [0-9,]+ are free. Make room, or keep"
                    + " fewer files"),
        output.toString());
    assertEquals("latest 4, 8 files", output.getLast());
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    return output;
  }
}
