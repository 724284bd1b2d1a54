package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.npy.NpyFile;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.text.HloPrinter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The folder protocol by which conformance suites drive devices. */
class HloRunTest {
  private static final Literal SIX = Literal.ofFloats(Dims.of(2, 3), 0, 1, 2, 3, 4, 5);

  @TempDir Path root;

  private Path folder(String name, HloModule module, Literal... inputs) throws IOException {
    Path folder = Files.createDirectories(root.resolve(name));
    Files.write(folder.resolve("module.hlo.pb"), HloProtoWriter.write(module));
    for (int i = 0; i < inputs.length; i++) {
      NpyFile.write(folder.resolve("in_" + i + ".npy"), inputs[i]);
    }
    return folder;
  }

  private static void settings(Path folder, String json) throws IOException {
    Files.writeString(folder.resolve("case.json"), json);
  }

  private static String error(Path folder) throws IOException {
    return Files.readString(folder.resolve("error.txt"));
  }

  private static Literal scalar(DType type, double value) {
    return Literal.scalar(type, value);
  }

  private static void expectResult(CommandRun run, String counts) {
    assertEquals(0, run.code(), run.err());
    assertTrue(run.lastLine().matches("result: " + counts + " seconds=[0-9]+\\.[0-9]"), run.out());
  }

  @Test
  void resultsAreWrittenBesideTheInputs() throws IOException {
    Path folder = folder("increment", Modules.increment(), SIX);
    settings(
        folder, "{\"name\": \"increment\", \"inputs\": [{\"dtype\": \"f32\", \"shape\": [2, 3]}]}");
    expectResult(
        CommandRun.of("hlo", "run", "--device", "evaluator", folder),
        "cases=1 ran=1 unsupported=0 errors=0");
    assertEquals(
        Literal.ofFloats(Dims.of(2, 3), 1, 2, 3, 4, 5, 6),
        NpyFile.read(folder.resolve("out_0.npy")));
    assertFalse(Files.exists(folder.resolve("error.txt")));
  }

  @Test
  void moduleMayBeTextAndSettingsMayBeMissing() throws IOException {
    Path folder = Files.createDirectories(root.resolve("text"));
    Files.writeString(folder.resolve("module.txt"), HloPrinter.print(Modules.increment()));
    NpyFile.write(folder.resolve("in_0.npy"), SIX);
    CommandRun run = CommandRun.of("hlo", "run", "--device", "evaluator", "--verbose", folder);
    expectResult(run, "cases=1 ran=1 unsupported=0 errors=0");
    assertTrue(run.out().contains("text: ok"), run.out());
  }

  @Test
  void leavesOfNestedTuplesAreNumberedInOrder() throws IOException {
    ArrayShape three = ArrayShape.of(DType.BF16, 3);
    Literal x =
        Literal.ofBytes(three, new byte[] {0, 0, (byte) 0x80, 0x3F, (byte) 0x80, (byte) 0xBF});
    Path folder = folder("nested", Modules.nested(), x);
    expectResult(
        CommandRun.of("hlo", "run", "--device", "evaluator", folder),
        "cases=1 ran=1 unsupported=0 errors=0");
    assertEquals(x, NpyFile.read(folder.resolve("out_0.npy"), three));
    Literal positive = NpyFile.read(folder.resolve("out_1.npy"));
    assertEquals(Literal.ofBytes(ArrayShape.of(DType.PRED, 3), new byte[] {0, 1, 0}), positive);
    assertEquals(0xBF80, NpyFile.read(folder.resolve("out_2.npy"), three).bits(1));
  }

  @Test
  void arraysOfATupleParameterAreSeparateInputs() throws IOException {
    Literal a = Literal.ofFloats(Dims.of(2), 1, 2);
    Literal b = Literal.ofFloats(Dims.of(2), 10, 20);
    Path folder = folder("pair", Modules.pair(), a, b);
    CommandRun run = CommandRun.of("hlo", "run", "--device", "evaluator", folder);
    expectResult(run, "cases=1 ran=1 unsupported=0 errors=0");
    assertEquals(Literal.ofFloats(Dims.of(2), 11, 22), NpyFile.read(folder.resolve("out_0.npy")));
  }

  @Test
  void loopFeedsOutputsBack() throws IOException {
    Path folder = folder("loop", Modules.counters(), scalar(DType.S32, 0), scalar(DType.S32, 0));
    settings(folder, "{\"loop\": {\"steps\": 5, \"feedback\": [[0, 0], [1, 1]]}}");
    expectResult(
        CommandRun.of("hlo", "run", "--device", "evaluator", folder),
        "cases=1 ran=1 unsupported=0 errors=0");
    assertEquals(scalar(DType.S32, 5), NpyFile.read(folder.resolve("out_0.npy")));
    assertEquals(scalar(DType.S32, 0 + 1 + 2 + 3 + 4), NpyFile.read(folder.resolve("out_1.npy")));
  }

  @Test
  void replicasHaveFilesOfTheirOwn() throws IOException {
    Path folder = folder("replicas", Modules.allReduce());
    settings(folder, "{\"devices\": 2, \"replicas\": 2}");
    NpyFile.write(folder.resolve("in_0.dev0.npy"), Literal.ofFloats(Dims.of(2), 1, 2));
    NpyFile.write(folder.resolve("in_0.dev1.npy"), Literal.ofFloats(Dims.of(2), 10, 20));
    CommandRun run = CommandRun.of("hlo", "run", "--device", "evaluator", "--verbose", folder);
    expectResult(run, "cases=1 ran=1 unsupported=0 errors=0");
    for (String device : List.of("dev0", "dev1")) {
      assertEquals(
          Literal.ofFloats(Dims.of(2), 11, 22),
          NpyFile.read(folder.resolve("out_0." + device + ".npy")));
    }
  }

  @Test
  void partitionsAreUnsupported() throws IOException {
    Path folder = folder("partitions", Modules.allReduce());
    settings(folder, "{\"devices\": 2, \"replicas\": 1}");
    expectResult(
        CommandRun.of("hlo", "run", "--device", "evaluator", folder),
        "cases=1 ran=0 unsupported=1 errors=0");
    assertTrue(error(folder).startsWith("UNSUPPORTED 2 devices with 1 replicas"), error(folder));
  }

  @Test
  void oneBadCaseStopsNothing() throws IOException {
    Path unknown = folder("unknown", Modules.unknownCall(), Literal.ofFloats(Dims.of(2), 1, 2));
    Path wrong = folder("wrong", Modules.wrongShape(), SIX);
    Path noModule = Files.createDirectories(root.resolve("no_module"));
    Path noise = Files.createDirectories(root.resolve("noise"));
    Files.write(noise.resolve("module.hlo.pb"), new byte[] {9, 9, 9});
    Path good = folder("good", Modules.increment(), SIX);
    Path list = Files.write(root.resolve("list"), List.of(noise.toString(), "", good.toString()));
    CommandRun run =
        CommandRun.of(
            "hlo",
            "run",
            "--device",
            "evaluator",
            unknown,
            wrong,
            noModule,
            root.resolve("gone"),
            "@" + list);
    expectResult(run, "cases=6 ran=1 unsupported=1 errors=4");
    assertTrue(
        error(unknown).startsWith("UNSUPPORTED ") && error(unknown).contains("nobody_knows"));
    assertTrue(error(wrong).contains("f32[2,3]"), error(wrong));
    assertTrue(error(noModule).contains("neither module.hlo.pb nor module.txt"), error(noModule));
    assertTrue(error(noise).contains("HloModuleProto"), error(noise));
    assertTrue(run.err().contains("gone is no folder"), run.err());
    assertTrue(Files.exists(good.resolve("out_0.npy")));
    for (Path folder : List.of(unknown, wrong, noModule, noise)) {
      String message = error(folder).toLowerCase(Locale.ROOT);
      assertFalse(message.contains("exception") || message.contains("java."), message);
    }
  }

  @Test
  void staleResultsAreRemovedFirst() throws IOException {
    Path folder = folder("stale", Modules.increment());
    for (String name : List.of("out_0.npy", "out_7.dev1.npy", "accepted.txt")) {
      Files.writeString(folder.resolve(name), "old");
    }
    CommandRun.of("hlo", "run", "--device", "evaluator", folder);
    assertTrue(error(folder).contains("in_0.npy is missing; parameter 0 takes f32[2,3]"));
    assertFalse(Files.exists(folder.resolve("out_0.npy")));
    assertFalse(Files.exists(folder.resolve("out_7.dev1.npy")));
    NpyFile.write(folder.resolve("in_0.npy"), SIX);
    CommandRun.of("hlo", "run", "--device", "evaluator", folder);
    assertFalse(Files.exists(folder.resolve("error.txt")));
    CommandRun.of("hlo", "run", "--verify-only", folder);
    assertFalse(Files.exists(folder.resolve("out_0.npy")));
    assertEquals(0, Files.size(folder.resolve("accepted.txt")));
  }

  @Test
  void verifyOnlyRunsNothing() throws IOException {
    Path good = folder("good", Modules.forever());
    Path bad = folder("bad", Modules.wrongShape());
    expectResult(
        CommandRun.of("hlo", "run", "--verify-only", good, bad),
        "cases=2 ran=1 unsupported=0 errors=1");
    assertTrue(Files.exists(good.resolve("accepted.txt")));
    assertFalse(Files.exists(bad.resolve("accepted.txt")));
    assertFalse(error(bad).isBlank());
  }

  @Test
  void caseThatTakesTooLongIsGivenUp() throws IOException {
    Path forever = folder("forever", Modules.forever(), scalar(DType.S32, 0));
    Path good = folder("good", Modules.increment(), SIX);
    expectResult(
        CommandRun.of("hlo", "run", "--device", "evaluator", "--timeout", "1", forever, good),
        "cases=2 ran=1 unsupported=0 errors=1");
    assertTrue(error(forever).contains("took longer than 1 s"), error(forever));
    assertFalse(Files.exists(forever.resolve("out_0.npy")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"loop\": {\"steps\": 0}}|loop.steps is 0",
        "{\"loop\": 3}|expected loop to be an object",
        "{\"loop\": {\"feedback\": [[0]]}}|loop.feedback",
        "{\"loop\": {\"feedback\": [[3, 0]]}}|the module has 1 outputs and 1 inputs",
        "{\"devices\": \"2\"}|expected devices to be a number",
        "{\"devices\": 2, |no valid JSON in line 1",
        "[]|expected an object"
      })
  void malformedSettingsAreRefused(String json, String expected) throws IOException {
    Path folder = folder("case", Modules.increment(), SIX);
    settings(folder, json);
    CommandRun.of("hlo", "run", "--device", "evaluator", folder);
    assertTrue(error(folder).contains(expected), error(folder));
  }

  @Test
  void feedbackOfAnotherShapeIsRefused() throws IOException {
    Path folder =
        folder(
            "case",
            Modules.product(),
            Literal.ofFloats(Dims.of(4, 8), new float[32]),
            Literal.ofFloats(Dims.of(8, 2), new float[16]));
    settings(folder, "{\"loop\": {\"steps\": 2, \"feedback\": [[0, 0]]}}");
    CommandRun.of("hlo", "run", "--device", "evaluator", folder);
    assertTrue(error(folder).contains("f32[4,2], to input 0, which is f32[4,8]"), error(folder));
  }

  @Test
  void inputOfAnotherTypeIsRefused() throws IOException {
    Path folder = folder("case", Modules.increment(), Literal.ofInts(Dims.of(2, 3), new int[6]));
    CommandRun.of("hlo", "run", "--device", "evaluator", folder);
    assertTrue(error(folder).contains("in_0.npy: expected f32 stored as '<f4'"), error(folder));
  }

  @Test
  void casesRunInProcessesOfTheirOwn() throws IOException {
    Path first = folder("first", Modules.increment(), SIX);
    Path second = folder("second", Modules.counters(), scalar(DType.S32, 1), scalar(DType.S32, 2));
    expectResult(
        CommandRun.of(
            "hlo",
            "run",
            "--device",
            "evaluator",
            "--isolate",
            "1",
            first,
            second,
            root.resolve("gone")),
        "cases=3 ran=2 unsupported=0 errors=1");
    assertTrue(
        Files.exists(first.resolve("out_0.npy")) && Files.exists(second.resolve("out_1.npy")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--timeout=-1", "--isolate=-1", "--nothing"})
  void wrongUsageIsExitCode2(String option) {
    assertEquals(2, CommandRun.of("hlo", "run", "--device", "evaluator", option, root).code());
  }

  @Test
  void whereToRunHasToBeSaid() {
    assertTrue(CommandRun.of("hlo", "run", root).refused(2, "Give a device with --device"));
    assertEquals(2, CommandRun.of("hlo", "run", "--device", "evaluator").code());
    assertTrue(
        CommandRun.of("hlo", "run", "--device", "nowhere", root).refused(1, "unknown device"));
    assertTrue(
        CommandRun.of("hlo", "run", "--device", "evaluator", "@" + root.resolve("no_list"))
            .refused(1, "no_list does not exist"));
  }
}
