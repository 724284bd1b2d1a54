package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.nn.StateDict;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of {@code torch.save} before zip, and of {@code torch.jit.save}. */
class OldFormatsTest {
  @TempDir Path folder;

  private static Checkpoint parse(byte[] file) {
    return Checkpoints.parse(MemorySegment.ofArray(file));
  }

  private static float[] floats(CheckpointTensor tensor) {
    return tensor.contiguous().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  // ---- legacy -----------------------------------------------------------------------------------

  @Test
  void tensorsBeforeZipAreMapped() {
    CheckpointTensor tensor =
        Checkpoints.load(Goldens.newest("legacy_linear.pt")).asDict().get("weight").asTensor();
    assertTrue(tensor.contiguous().isMapped());
    assertArrayEquals(new float[] {1, 2, 3, 4}, floats(tensor));
  }

  @Test
  void viewsOfStoragesShareTheWholeOne() throws IOException {
    String part =
        LegacyBytes.storage(
            PickleText.tuple(PickleText.text("78"), PickleText.integer(1), PickleText.integer(2)));
    String tensor = PickleText.tensor(part, 1, new long[] {1}, new long[] {1});
    String object =
        PickleText.pickle(
            "}("
                + PickleText.text("w")
                + PickleText.tensor(LegacyBytes.storage("N"), 0, new long[] {4}, new long[] {1})
                + PickleText.text("v")
                + tensor
                + PickleText.text("same")
                + tensor
                + "u");
    Checkpoint read = parse(new LegacyBytes().object(object).build());
    CheckpointDict tree = read.tree().asDict();
    assertEquals(2, tree.get("v").asTensor().offset());
    assertSame(tree.get("w").asTensor().storage(), tree.get("v").asTensor().storage());
    assertSame(tree.get("w").asTensor().storage(), tree.get("same").asTensor().storage());
    Path zip = folder.resolve("views.pt");
    Checkpoints.save(zip, read.tree());
    CheckpointDict again = Checkpoints.load(zip).asDict();
    assertSame(again.get("w").asTensor().storage(), again.get("v").asTensor().storage());
  }

  @Test
  void whatTheFileSaysOfItsMachineDoesNotMatter() {
    byte[] big =
        new LegacyBytes()
            .system(PickleText.pickle("}" + PickleText.text("little_endian") + "\u0089s"))
            .build();
    assertArrayEquals(
        new float[] {0, 0, 0, 1}, floats(parse(big).tree().asDict().get("w").asTensor()));
  }

  @Test
  void oldFormatsAreNotWritten() {
    Checkpoint legacy = parse(new LegacyBytes().build());
    assertEquals(CheckpointFormat.TORCH_LEGACY, legacy.format());
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> Checkpoints.save(folder.resolve("x.pt"), legacy));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("torch-legacy is read but not written"),
        refused.getMessage());
  }

  // ---- tar --------------------------------------------------------------------------------------

  @Test
  void aTarArchiveHoldsTensorsThatShareMemory() {
    Checkpoint read = parse(TarBytes.whole().build());
    assertEquals(CheckpointFormat.TORCH_TAR, read.format());
    CheckpointTensor whole = read.tree().asDict().get("w").asTensor();
    CheckpointTensor part = read.tree().asDict().get("v").asTensor();
    assertArrayEquals(new float[] {1, 2, 3, 4}, floats(whole));
    assertArrayEquals(new float[] {2, 3}, floats(part));
    assertSame(whole.storage(), part.storage());
  }

  @Test
  void aTarArchiveMayHaveExtendedHeadersAndTensorsWithoutMemory() {
    String empty =
        PickleText.pickle(PickleText.integer(2))
            + TarBytes.tensor(10, "N", "DoubleTensor", new long[0], new long[0], 0)
            + TarBytes.tensor(
                11, PickleText.integer(1), "FloatTensor", new long[] {4}, new long[] {1}, 0);
    byte[] file =
        new TarBytes()
            .extend("mtime", "1480000000.5")
            .add("pickle", TarBytes.OBJECT)
            .extend("size", Integer.toString(empty.length()))
            .add("tensors", '0', 0, empty)
            .add("storages", TarBytes.STORAGES)
            .build(10240 - 512);
    CheckpointDict tree = parse(file).tree().asDict();
    assertEquals(List.of(0L), tree.get("w").asTensor().shape());
    assertEquals(TorchDType.FLOAT64, tree.get("w").asTensor().dtype());
    assertArrayEquals(new float[] {1, 2, 3, 4}, floats(tree.get("v").asTensor()));
  }

  // ---- other formats ----------------------------------------------------------------------------

  @Test
  void safetensorsHeadersOfAnyLengthAreRead() {
    // The length 640 is 80 02 in the file, as a pickle of protocol 2 starts.
    String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    byte[] file = new byte[8 + 640 + 4];
    Arrays.fill(file, (byte) ' ');
    System.arraycopy(
        PickleText.bytes(PickleText.little(640, 8) + header), 0, file, 0, 8 + header.length());
    assertEquals(CheckpointFormat.SAFETENSORS, parse(file).format());
  }

  // ---- TorchScript ------------------------------------------------------------------------------

  @Test
  void aScriptedModuleGivesItsStateDict() {
    Checkpoint script = Checkpoints.open(Goldens.newest("script.pt"));
    assertEquals(CheckpointFormat.TORCHSCRIPT, script.format());
    StateDict values = Checkpoints.loadStateDict(Goldens.newest("script.pt"));
    assertEquals(
        List.of(
            "scale",
            "first.weight",
            "first.bias",
            "blocks.0.weight",
            "blocks.0.bias",
            "blocks.0.running_mean",
            "blocks.0.running_var",
            "blocks.0.num_batches_tracked",
            "blocks.1.weight",
            "head.weight",
            "head.bias"),
        List.copyOf(values.entries().keySet()));
    assertEquals(List.of(1L, 2L), script.tree().asDict().get("head.weight").asTensor().strides());
  }

  @Test
  void damagedCodeOfAScriptedModuleIsNotLookedAt() throws IOException {
    byte[] file = Files.readAllBytes(Goldens.newest("script.pt"));
    int name = indexOf(file, "script/code/__torch__.py");
    for (int i = 0; i < 100; i++) {
      file[name + 80 + i] ^= 0x55;
    }
    Path damaged = Files.write(folder.resolve("script.pt"), file);
    assertEquals(11, Checkpoints.loadStateDict(damaged).entries().size());
    assertTrue(Checkpoints.verify(damaged) > 0);
  }

  private static int indexOf(byte[] file, String text) {
    return new String(file, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
  }
}
