package io.lazytensor.examples.mlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.checkpoint.Checkpoints;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole program, as the command line starts it. */
class TrainMlpTest {
  private static final Pattern RESULT =
      Pattern.compile(
          "result: accuracy=(0\\.\\d{4}|1\\.0000) loss=(\\d+\\.\\d{4}) steps=(\\d+) graphs=(\\d+)"
              + " seconds=\\d+\\.\\d");
  private static final Pattern TRAINED =
      Pattern.compile(
          "\\{\"step\":(\\d+),\"loss\":([0-9.E-]+),\"learning_rate\":([0-9.E-]+),\"seconds\":.*}");

  @TempDir Path folder;

  private record Outcome(int code, List<String> out, String err) {
    Matcher result() {
      Matcher result = RESULT.matcher(out.getLast());
      assertTrue(result.matches(), out.getLast() + err);
      return result;
    }
  }

  private Outcome run(String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(Arrays.asList(options));
    if (!all.contains("--output")) {
      all.addAll(List.of("--output", folder.resolve("run").toString()));
    }
    int code =
        new TrainMlp().run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
    return new Outcome(code, out.toString().lines().toList(), err.toString());
  }

  private Outcome trained(String... options) {
    Outcome outcome = run(options);
    assertEquals(0, outcome.code(), outcome.err());
    assertEquals("", outcome.err());
    return outcome;
  }

  private List<String> losses() throws IOException {
    return Files.readAllLines(folder.resolve("run/metrics.jsonl")).stream()
        .map(TRAINED::matcher)
        .filter(Matcher::matches)
        .map(match -> match.group(1) + " " + match.group(2))
        .toList();
  }

  private void assertRefused(int code, Outcome outcome, String... parts) {
    assertEquals(code, outcome.code(), outcome.err());
    for (String part : parts) {
      assertTrue(outcome.err().contains(part), outcome.err());
    }
    assertFalse(outcome.err().contains("\tat "), outcome.err());
  }

  @Test
  void isFoundAsAToolByItsName() {
    assertTrue(ToolProvider.findFirst("train-mlp").orElseThrow() instanceof TrainMlp);
  }

  @Test
  void lastLineTellsTheResultWithTwoGraphs() {
    Matcher result = trained("--max-steps", "12").result();
    assertEquals("12", result.group(3));
    assertEquals("2", result.group(4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "adamw"})
  void lossFallsWithinOneEpoch(String optimizer) throws IOException {
    trained("--epochs", "1", "--optimizer", optimizer);
    List<String> losses = losses();
    assertEquals(93, losses.size());
    assertTrue(loss(losses.getFirst()) > 2.2, losses.getFirst());
    assertTrue(loss(losses.getLast()) < 1, losses.getLast());
  }

  private static double loss(String line) {
    return Double.parseDouble(line.split(" ")[1]);
  }

  @Test
  void everyStepAndEvaluationIsInTheMetrics() throws IOException {
    trained("--max-steps", "20", "--batch-size", "1000");
    List<String> lines = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Matcher step = TRAINED.matcher(lines.get(i));
      assertTrue(step.matches(), lines.get(i));
      assertEquals(i + 1, Integer.parseInt(step.group(1)));
      rates.add(Double.parseDouble(step.group(3)));
    }
    assertTrue(
        lines.get(12).startsWith("{\"step\":12,\"evaluation\":\"test\",\"accuracy\":0."),
        lines.get(12));
    assertTrue(lines.get(13).startsWith("{\"step\":13,\"loss\":"), lines.get(13));
    assertTrue(
        lines.getLast().startsWith("{\"step\":20,\"evaluation\":\"test\",\"accuracy\":0."),
        lines.getLast());
    assertEquals(20 + 2, lines.size());
    // The rate each step trained with: two steps of warm-up to 0.1, then a linear fall.
    assertEquals(0.05, rates.get(0), 1e-7);
    assertEquals(0.1, rates.get(1), 1e-7);
    assertEquals(0.1, rates.get(2), 1e-7);
    assertEquals(0.1 * (1 - 1 / 18.0), rates.get(3), 1e-7);
  }

  @Test
  void modelAndReportAreWritten() throws IOException {
    Outcome outcome = trained("--max-steps", "3");
    List<String> names =
        List.copyOf(Checkpoints.loadStateDict(folder.resolve("run/model.pt")).entries().keySet());
    assertEquals(
        List.of("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias"),
        names);
    String report = Files.readString(folder.resolve("run/report.html"));
    assertTrue(report.contains(outcome.out().getLast()), report);
    assertTrue(report.contains("first recording of step \"train\""), report);
  }

  @Test
  void sameSeedGivesTheSameLossesAndAnotherSeedOthers() throws IOException {
    trained("--max-steps", "15", "--seed", "7");
    List<String> first = losses();
    trained("--max-steps", "15", "--seed", "7");
    assertEquals(first, losses());
    trained("--max-steps", "15", "--seed", "8");
    assertNotEquals(first, losses());
  }

  // 2,000 test images are 2 batches of 1,000 and 16 of 128, of which the last is short.
  @Test
  void evaluationCountsEveryImageOnceWhateverTheBatchSize() {
    String[] untrained = {"--max-steps", "1", "--learning-rate", "0", "--batch-size", "1000"};
    Matcher whole = trained(untrained).result();
    untrained[5] = "128";
    Matcher padded = trained(untrained).result();
    assertEquals(whole.group(1), padded.group(1));
    assertEquals(Double.parseDouble(whole.group(2)), Double.parseDouble(padded.group(2)), 1.1e-4);
  }

  // Rows that fill up a batch have the label 0, which this model learns to answer always.
  @Test
  void rowsThatFillUpABatchAreNoRightAnswers() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    IdxFiles.writeImages(data, "train", 64);
    IdxFiles.writeImages(data, "t10k", 50);
    Files.write(data.resolve("train-labels-idx1-ubyte"), IdxFiles.bytes(new byte[64], 64));
    Files.write(data.resolve("t10k-labels-idx1-ubyte"), IdxFiles.bytes(new byte[50], 50));
    Matcher result =
        trained("--data", data.toString(), "--batch-size", "32", "--epochs", "20").result();
    assertEquals("1.0000", result.group(1));
  }

  @Test
  void shortLastBatchOfAnEpochMakesNoThirdGraph() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    IdxFiles.write(data, 70, 50);
    Matcher result =
        trained("--data", data.toString(), "--batch-size", "32", "--epochs", "3").result();
    assertEquals("6", result.group(3));
    assertEquals("2", result.group(4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--epochs=0",
        "--epochs=many",
        "--batch-size=0",
        "--batch-size=12001",
        "--optimizer=adam",
        "--learning-rate=-1",
        "--learning-rate=NaN",
        "--max-steps=0",
        "--save-every=-1",
        "--stop-after=0",
        "--seed=x",
        "--colour=red"
      })
  void wrongOptionIsNamedAndEndsWithTwo(String option) {
    assertRefused(2, run(option), option.substring(0, option.indexOf('=')));
  }

  @Test
  void wrongValueComesWithTheKnownOnes() {
    assertRefused(2, run("--optimizer", "adam"), "[sgd, adamw]", "adam");
  }

  @Test
  void missingDataEndsWithOneAndSaysWhereToGetIt() {
    String missing = folder.resolve("nothing").toString();
    assertRefused(1, run("--data", missing), "error: " + missing, "dataset-fashion-mnist");
  }

  @Test
  void unknownDeviceEndsWithOneAndTheKnownOnes() {
    assertRefused(1, run("--device", "abacus"), "abacus", "cpu-reference");
  }

  @Test
  void outputThatIsNoFolderEndsWithOneAndItsName() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertRefused(1, run("--output", file.toString()), "--output", file.toString());
  }

  @Test
  void helpNamesEveryOption() {
    Outcome help = run("--help");
    assertEquals(0, help.code());
    String text = String.join("\n", help.out());
    for (String option :
        List.of(
            "--device",
            "--epochs",
            "--batch-size",
            "--optimizer",
            "--learning-rate",
            "--seed",
            "--max-steps",
            "--output",
            "--save-every",
            "--resume",
            "--stop-after",
            "--data")) {
      assertTrue(text.contains(option), text);
    }
  }
}
