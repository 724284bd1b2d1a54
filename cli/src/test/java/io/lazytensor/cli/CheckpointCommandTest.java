package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.checkpoint.CheckpointDict;
import io.lazytensor.checkpoint.CheckpointStorage;
import io.lazytensor.checkpoint.CheckpointTensor;
import io.lazytensor.checkpoint.Checkpoints;
import io.lazytensor.checkpoint.TorchDType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointCommandTest {
  // printf '\0\0\200\77\0\0\0\100' | sha256sum
  private static final String ONE_AND_TWO =
      "b9c80b5adeca450753a16950c3cc655d271f7bef7a485bc83f112b72fef21d37";

  @TempDir Path folder;

  private Path model;

  private record Outcome(int code, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Outcome(code, out.toString(), err.toString());
  }

  private static CheckpointTensor tensor(float... values) {
    MemorySegment data = MemorySegment.ofArray(values);
    return CheckpointTensor.of(
        TorchDType.FLOAT32, CheckpointStorage.of(TorchDType.FLOAT32, data), values.length);
  }

  private static CheckpointDict state(float... weight) {
    return CheckpointDict.builder().put("w \"1\"", tensor(weight)).build();
  }

  @BeforeEach
  void save() {
    model = folder.resolve("model.pt");
    Checkpoints.save(
        model, CheckpointDict.builder().put("model", state(1, 2)).put("epoch", 3).build());
  }

  @Test
  void inspectPrintsOneJsonObjectAFile() {
    Outcome outcome = run("checkpoint", "inspect", "--json", model.toString());
    assertEquals(
        "{\"file\":\"%s\",\"format\":\"torch\",\"tensors\":[{\"path\":[\"model\",\"w \\\"1\\\"\"],\"dtype\":\"float32\",\"shape\":[2],\"sha256\":\"%s\"}],\"values\":[{\"path\":[\"epoch\"],\"type\":\"int\",\"value\":\"3\"}]}"
            .formatted(model, ONE_AND_TWO),
        outcome.out.strip());
    assertEquals(0, outcome.code, outcome.err);
  }

  @Test
  void aBadFileIsToldAndTheOthersAreShown() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.pt"), "no checkpoint");
    Outcome outcome = run("checkpoint", "inspect", "--json", bad.toString(), model.toString());
    List<String> lines = outcome.out.lines().toList();
    assertEquals(2, lines.size());
    assertTrue(
        lines.getFirst().startsWith("{\"file\":\"%s\",\"error\":\"".formatted(bad)), outcome.out);
    assertTrue(lines.get(1).contains("\"format\":\"torch\""), outcome.out);
    assertEquals(1, outcome.code);
  }

  @Test
  void inspectShowsATable() {
    Outcome outcome = run("checkpoint", "inspect", model.toString());
    assertEquals(
        List.of(
            model + ": torch, 1 tensors, 1 other values",
            "  path         type     shape or value  bytes",
            "  model.w \"1\"  float32  [2]             8",
            "  epoch        int      3"),
        outcome.out.lines().toList());
  }

  @Test
  void verifyFindsADamagedByte() throws IOException {
    assertEquals(0, run("checkpoint", "verify", model.toString()).code);
    byte[] bytes = Files.readAllBytes(model);
    int data =
        new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("\u0080\u003f");
    bytes[data] ^= 1;
    Files.write(model, bytes);
    Outcome damaged = run("checkpoint", "verify", model.toString());
    assertEquals(1, damaged.code);
    assertTrue(damaged.err.contains("CRC-32"), damaged.err);
  }

  @Test
  void convertGoesByExtensionAndKeepsTorchFiles() throws IOException {
    Path flat = folder.resolve("flat.pt");
    Checkpoints.save(flat, state(1, 2));
    Path safetensors = folder.resolve("flat.safetensors");
    assertEquals(0, run("checkpoint", "convert", flat.toString(), safetensors.toString()).code);
    assertTrue(
        run("checkpoint", "inspect", safetensors.toString())
            .out
            .contains("safetensors, 1 tensors"));
    Files.createDirectory(folder.resolve("copy"));
    Path copy = folder.resolve("copy/model.pt");
    assertEquals(0, run("checkpoint", "convert", model.toString(), copy.toString()).code);
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(copy));
    Outcome nested = run("checkpoint", "convert", model.toString(), safetensors.toString());
    assertEquals(1, nested.code);
    assertTrue(nested.err.contains("\"model\" is a dict"), nested.err);
  }

  @Test
  void convertOffersOnlyWhatCanBeWritten() {
    Outcome help = run("checkpoint", "convert", "--help");
    assertTrue(help.out.contains("One of torch, safetensors"), help.out);
    Path copy = folder.resolve("copy.pt");
    Outcome refused =
        run("checkpoint", "convert", "--to", "torch-legacy", model.toString(), copy.toString());
    assertEquals(1, refused.code);
    assertTrue(refused.err.contains("torch-legacy is read but not written"), refused.err);
    assertEquals(
        0, run("checkpoint", "convert", "--to", "torch", model.toString(), copy.toString()).code);
  }

  @Test
  void aFileBeforeZipIsShownCheckedConvertedAndCompared() throws IOException {
    Path legacy = Files.write(folder.resolve("old.pt"), legacyFile());
    Outcome shown = run("checkpoint", "inspect", "--json", legacy.toString());
    assertEquals(
        "{\"file\":\"%s\",\"format\":\"torch-legacy\",\"tensors\":[{\"path\":[\"w\"],\"dtype\":\"float32\",\"shape\":[2],\"sha256\":\"%s\"}],\"values\":[]}"
            .formatted(legacy, ONE_AND_TWO),
        shown.out.strip());
    assertEquals(
        legacy + ": good, without checksums",
        run("checkpoint", "verify", legacy.toString()).out.strip());
    Path zip = folder.resolve("new.pt");
    assertEquals(0, run("checkpoint", "convert", legacy.toString(), zip.toString()).code);
    assertEquals(0, run("checkpoint", "diff", legacy.toString(), zip.toString()).code);
  }

  /** What PyTorch 1.5 wrote for {@code {"w": tensor([1., 2.])}}. */
  private static byte[] legacyFile() {
    String storage = "((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + "9X\3\0\0\0cpuK\2NtQ";
    String tensor =
        "ctorch._utils\n_rebuild_tensor_v2\n"
            + storage
            + "K\0K\2\u0085K\1\u0085\u0089ccollections\nOrderedDict\n)RtR";
    String text =
        "\u0080\2\u008a\n\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019."
            + "\u0080\2M\u00e9\3."
            + "\u0080\2}."
            + "\u0080\2}X\1\0\0\0w"
            + tensor
            + "s."
            + "\u0080\2]X\1\0\0\0"
            + "9a."
            + "\2\0\0\0\0\0\0\0\0\0\u0080?\0\0\0@";
    return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  @Test
  void diffNamesWhatChanged() {
    Path other = folder.resolve("other.pt");
    Checkpoints.save(
        other, CheckpointDict.builder().put("model", state(1, 3)).put("step", 4).build());
    Outcome outcome = run("checkpoint", "diff", model.toString(), other.toString());
    assertEquals(
        List.of(
            "! model.w \"1\": float32[2] differs in 1 of 2 elements",
            "- epoch: int 3",
            "+ step: int 4"),
        outcome.out.lines().toList());
    assertEquals(1, outcome.code);
    assertEquals(0, run("checkpoint", "diff", model.toString(), model.toString()).code);
  }

  @Test
  void foldersAreConvertedInspectedVerifiedAndCompared() throws IOException {
    Path flat = folder.resolve("flat.pt");
    Checkpoints.save(
        flat, CheckpointDict.builder().put("a", tensor(1, 2)).put("b", tensor(3, 4, 5)).build());
    for (String format : List.of("hf-safetensors", "hf-torch", "dcp")) {
      String target = folder.resolve(format).toString();
      Outcome converted =
          run(
              "checkpoint",
              "convert",
              flat.toString(),
              target,
              "--to",
              format,
              "--max-shard-size",
              "12B");
      assertEquals(0, converted.code, converted.err);
      assertTrue(converted.out.contains("(" + format + ")"), converted.out);
      Outcome inspected = run("checkpoint", "inspect", target);
      assertTrue(inspected.out.startsWith(target + ": " + format + ", 2 tensors"), inspected.out);
      Outcome json = run("checkpoint", "inspect", "--json", target);
      assertTrue(
          json.out.contains(
              "{\"path\":[\"a\"],\"dtype\":\"float32\",\"shape\":[2],\"sha256\":\"" + ONE_AND_TWO),
          json.out);
      assertTrue(run("checkpoint", "verify", target).out.contains(": good"));
      assertEquals(0, run("checkpoint", "diff", flat.toString(), target).code);
      Path back = folder.resolve(format + ".pt");
      assertEquals(0, run("checkpoint", "convert", target, back.toString()).code);
      assertEquals(0, run("checkpoint", "diff", flat.toString(), back.toString()).code);
    }
    assertTrue(Files.exists(folder.resolve("hf-torch/pytorch_model-00002-of-00002.bin")));
  }

  @Test
  void aFolderThatIsNoCheckpointIsAnErrorOfItsOwn() {
    Outcome outcome = run("checkpoint", "inspect", "--json", folder.toString(), model.toString());
    List<String> lines = outcome.out.lines().toList();
    assertEquals(2, lines.size());
    assertTrue(lines.getFirst().contains("the folder is no checkpoint"), lines.getFirst());
    assertEquals(1, outcome.code);
  }

  @Test
  void aFormatThatIsOnlyReadIsNoTarget() {
    String target = folder.resolve("x").toString();
    Outcome outcome = run("checkpoint", "convert", model.toString(), target, "--to", "neuronx");
    assertTrue(outcome.code != 0 && outcome.err.contains("read but not written"), outcome.err);
    Outcome size =
        run("checkpoint", "convert", model.toString(), target, "--max-shard-size", "many");
    assertTrue(size.code != 0 && size.err.contains("no size"), size.err);
  }
}
