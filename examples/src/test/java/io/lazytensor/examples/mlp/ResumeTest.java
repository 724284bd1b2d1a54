package io.lazytensor.examples.mlp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training that is interrupted and goes on, against training that is not: the same bits. */
class ResumeTest {
  @TempDir Path folder;
  private Path data = Path.of("");

  /** 160 images are 5 batches an epoch, and the run has 15 steps. */
  @BeforeEach
  void writeData() throws IOException {
    data = Files.createDirectory(folder.resolve("data"));
    IdxFiles.write(data, 160, 50);
  }

  private record Outcome(int code, String out, String err) {}

  private Outcome run(String output, String... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new TrainMlp().run(new PrintWriter(out), new PrintWriter(err), options(output, more));
    return new Outcome(code, out.toString(), err.toString());
  }

  private String[] options(String output, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    Map.of(
            "--data",
            data.toString(),
            "--output",
            folder.resolve(output).toString(),
            "--batch-size",
            "32",
            "--epochs",
            "3")
        .forEach((option, value) -> {
          if (!all.contains(option)) {
            all.addAll(List.of(option, value));
          }
        });
    return all.toArray(String[]::new);
  }

  private Outcome trained(String output, String... more) {
    Outcome outcome = run(output, more);
    assertEquals(0, outcome.code(), outcome.err());
    return outcome;
  }

  /** Lines without the time they were written at. */
  private List<String> metrics(String output) throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve(output).resolve("metrics.jsonl"))) {
      return lines.map(line -> line.replaceFirst(",\"seconds\":.*", "")).toList();
    }
  }

  private void assertSame(String expected, String actual) throws IOException {
    assertEquals(metrics(expected), metrics(actual));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(expected).resolve("model.pt")),
        Files.readAllBytes(folder.resolve(actual).resolve("model.pt")));
  }

  @ParameterizedTest
  @CsvSource({"sgd,1", "sgd,5", "adamw,7", "adamw,14"})
  void aRunThatWasStoppedGoesOnAsIfItHadNot(String optimizer, String stop) throws IOException {
    trained("whole", "--optimizer", optimizer);
    Outcome stopped = trained("parts", "--optimizer", optimizer, "--stop-after", stop);
    assertTrue(stopped.out().contains("stopped after step " + stop), stopped.out());
    Outcome resumed = trained("parts", "--optimizer", optimizer, "--resume");
    assertTrue(resumed.out().contains("resuming after step " + stop), resumed.out());
    assertSame("whole", "parts");
  }

  @Test
  void whatCameAfterTheLastSavedStateIsDoneAgain() throws IOException {
    trained("whole", "--save-every", "4");
    // The last state of a run of 15 steps is that after step 12.
    Outcome resumed = trained("whole", "--save-every", "4", "--resume");
    assertTrue(resumed.out().contains("resuming after step 12"), resumed.out());
    trained("again");
    assertSame("again", "whole");
  }

  @Test
  void aCompleteRunIsEvaluatedOnceMoreAndNotTrained() throws IOException {
    trained("whole");
    List<String> before = metrics("whole");
    Outcome resumed = trained("whole", "--resume");
    assertTrue(resumed.out().contains("resuming after step 15"), resumed.out());
    assertTrue(resumed.out().contains(" steps=15 "), resumed.out());
    assertEquals(before, metrics("whole"));
  }

  @Test
  void aKilledProcessGoesOnFromItsLastState() throws IOException, InterruptedException {
    trained("whole", "--epochs", "40", "--save-every", "3");
    Path state = folder.resolve("killed/training-state.pt");
    Process process = start("killed", "--epochs", "40", "--save-every", "3");
    while (!Files.exists(state) && process.isAlive()) {
      Thread.sleep(1);
    }
    process.destroyForcibly();
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    Outcome resumed = trained("killed", "--epochs", "40", "--save-every", "3", "--resume");
    assertTrue(resumed.out().contains("resuming after step "), resumed.out());
    assertSame("whole", "killed");
  }

  private Process start(String output, String... more) throws IOException {
    String path =
        Stream.of("jdk.module.path", "java.class.path")
            .map(name -> System.getProperty(name, ""))
            .filter(text -> !text.isEmpty())
            .reduce((a, b) -> a + File.pathSeparator + b)
            .orElseThrow();
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                path + File.pathSeparator + Path.of("target/test-classes").toAbsolutePath(),
                InterruptedProgram.class.getName()));
    command.addAll(List.of(options(output, more)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("killed.log").toFile())
        .start();
  }

  @Test
  void withoutAStateResumingStartsAnew() throws IOException {
    Outcome outcome = trained("none", "--resume");
    assertTrue(outcome.out().contains("to resume; starting anew"), outcome.out());
    trained("whole");
    assertSame("whole", "none");
  }

  @Test
  void aRunWithOtherOptionsIsNotResumed() {
    trained("run", "--stop-after", "3");
    Outcome batches = run("run", "--resume", "--batch-size", "16");
    assertNotEquals(0, batches.code());
    assertTrue(batches.err().contains("global batch was 32 and is 16"), batches.err());
    Outcome optimizer = run("run", "--resume", "--optimizer", "adamw");
    assertNotEquals(0, optimizer.code());
    assertTrue(optimizer.err().contains("unexpected states [momentum_buffer]"), optimizer.err());
  }

  @Test
  void aDamagedStateIsRefusedByItsName() throws IOException {
    trained("run", "--stop-after", "3");
    Path state = folder.resolve("run/training-state.pt");
    byte[] bytes = Files.readAllBytes(state);
    Files.write(state, Arrays.copyOf(bytes, bytes.length / 2));
    Outcome outcome = run("run", "--resume");
    assertEquals(1, outcome.code());
    assertTrue(outcome.err().contains(state.toString()), outcome.err());
  }
}
