package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FolderSavingTest {
  @TempDir Path folder;

  private static CheckpointTensor tensor(int... shape) {
    int count = 1;
    long[] sizes = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      count *= shape[i];
      sizes[i] = shape[i];
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    MemorySegment data = MemorySegment.ofArray(values);
    return CheckpointTensor.of(
        TorchDType.FLOAT32, CheckpointStorage.of(TorchDType.FLOAT32, data), sizes);
  }

  private static CheckpointDict model() {
    return CheckpointDict.orderedBuilder()
        .put("a", tensor(4, 5))
        .put("b", tensor(7))
        .put("c", tensor())
        .put("none", tensor(0, 3))
        .put("d", tensor(3, 2, 2))
        .build();
  }

  private void save(CheckpointFormat format, CheckpointValue tree, long maxShardSize) {
    Checkpoints.save(folder, new Checkpoint(format, tree, Map.of()), new SaveOptions(maxShardSize));
  }

  @ParameterizedTest
  @EnumSource(names = {"HF_SAFETENSORS", "HF_TORCH", "DCP"})
  void whatIsSavedIsReadBack(CheckpointFormat format) {
    for (long size : new long[] {1, 50, 100, 5_000_000_000L}) {
      save(format, model(), size);
      Checkpoint read = Checkpoints.open(folder);
      assertEquals(format, read.format());
      assertEquals(FolderGoldens.tensors(model()), FolderGoldens.tensors(read.tree()));
      Checkpoints.verify(folder);
    }
  }

  @Test
  void filesOfAnOlderCheckpointAreRemoved() throws IOException {
    save(CheckpointFormat.HF_SAFETENSORS, model(), 50);
    assertTrue(FolderGoldens.names(folder).contains("model.safetensors.index.json"));
    Files.writeString(folder.resolve("model-card.md"), "kept");
    save(CheckpointFormat.HF_SAFETENSORS, model(), 1000);
    assertEquals(List.of("model-card.md", "model.safetensors"), FolderGoldens.names(folder));
    save(CheckpointFormat.HF_SAFETENSORS, model(), 100);
    assertEquals(
        List.of(
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model-card.md",
            "model.safetensors.index.json"),
        FolderGoldens.names(folder));
  }

  @Test
  void dcpFilesAndLargeTensorsAreCut() throws IOException {
    save(CheckpointFormat.DCP, model(), 40);
    assertEquals(
        List.of(".metadata", "__0_0.distcp", "__0_1.distcp"),
        FolderGoldens.names(folder).subList(0, 3));
    DcpMetadata metadata =
        DcpMetadata.read(MemorySegment.ofArray(Files.readAllBytes(folder.resolve(".metadata"))));
    var item = (DcpMetadata.TensorItem) Objects.requireNonNull(metadata.items().get("a"));
    assertEquals(
        List.of(List.of(0L, 0L), List.of(2L, 0L)),
        item.chunks().stream().map(DcpMetadata.Chunk::offsets).toList());
    save(CheckpointFormat.DCP, model(), 1000);
    assertEquals(List.of(".metadata", "__0_0.distcp"), FolderGoldens.names(folder));
  }

  @Test
  void viewsAreWrittenAsWhatTheyShow() {
    CheckpointTensor base = tensor(4, 3);
    CheckpointTensor transposed =
        CheckpointTensor.view(
            TorchDType.FLOAT32, base.storage(), 1, new long[] {2, 4}, new long[] {1, 3});
    CheckpointDict tree = CheckpointDict.builder().put("t", transposed).put("base", base).build();
    for (CheckpointFormat format : List.of(CheckpointFormat.DCP, CheckpointFormat.HF_SAFETENSORS)) {
      save(format, tree, 20);
      float[] read =
          Checkpoints.load(folder)
              .asDict()
              .get("t")
              .asTensor()
              .contiguous()
              .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      assertArrayEquals(new float[] {1, 4, 7, 10, 2, 5, 8, 11}, read, format.label());
    }
  }

  @Test
  void sharedStoragesAreInOneTorchFileAndCountOnce() throws IOException {
    CheckpointTensor shared = tensor(10);
    CheckpointTensor view =
        CheckpointTensor.view(
            TorchDType.FLOAT32, shared.storage(), 5, new long[] {5}, new long[] {1});
    CheckpointDict tree =
        CheckpointDict.builder()
            .put("first", shared)
            .put("second", tensor(10))
            .put("tail", view)
            .build();
    save(CheckpointFormat.HF_TORCH, tree, 40);
    String index = Files.readString(folder.resolve("pytorch_model.bin.index.json"));
    assertTrue(index.contains("\"total_size\": 80"), index);
    assertTrue(index.contains("\"tail\": \"pytorch_model-00001-of-00002.bin\""), index);
    assertEquals(List.of(2L, 1L), List.of(entries(1), entries(2)));
  }

  private long entries(int shard) {
    return Checkpoints.load(folder.resolve("pytorch_model-0000%d-of-00002.bin".formatted(shard)))
        .asDict()
        .entries()
        .size();
  }

  @Test
  void dcpKeepsNestedValuesAndFoldersOfModelsRefuseThem() {
    CheckpointDict tree =
        CheckpointDict.builder()
            .put("model", model())
            .put("epoch", 3)
            .put("loss", 0.5)
            .put("tags", CheckpointList.of(CheckpointValue.of("x"), CheckpointValue.none()))
            .put("mixed", CheckpointList.of(tensor(2), CheckpointValue.of(1)))
            .build();
    save(CheckpointFormat.DCP, tree, 1000);
    CheckpointDict read = Checkpoints.load(folder).asDict();
    assertEquals(FolderGoldens.tensors(tree), FolderGoldens.tensors(read));
    assertEquals(3, read.get("epoch").asLong());
    assertEquals("[x, None]", Checkpoints.repr(read.get("tags")));
    assertEquals(1, read.get("mixed").asList().items().get(1).asLong());
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> save(CheckpointFormat.HF_SAFETENSORS, tree, 1000));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("\"model\" is a dict"), refused.getMessage());
  }

  @Test
  void twoValuesOfOneNameAreRefused() {
    CheckpointDict tree =
        CheckpointDict.builder()
            .put("a.b", 1)
            .put("a", CheckpointDict.builder().put("b", 2).build())
            .build();
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> save(CheckpointFormat.DCP, tree, 1000));
    assertTrue(String.valueOf(refused.getMessage()).contains("\"a.b\""), refused.getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"HF_SAFETENSORS", "HF_TORCH", "DCP"})
  void aFailedSaveLeavesTheOldCheckpointAndNoOtherFile(CheckpointFormat format) throws IOException {
    save(format, model(), 50);
    List<String> before = FolderGoldens.names(folder);
    CheckpointStorage broken =
        CheckpointStorage.of(
            TorchDType.FLOAT32,
            4,
            () -> {
              throw new CheckpointException("the device is gone");
            });
    CheckpointDict tree =
        CheckpointDict.builder()
            .put("a", tensor(30))
            .put("t", CheckpointTensor.of(TorchDType.FLOAT32, broken, 1))
            .build();
    assertThrows(CheckpointException.class, () -> save(format, tree, 50));
    assertEquals(before, FolderGoldens.names(folder));
    assertEquals(FolderGoldens.tensors(model()), FolderGoldens.tensors(Checkpoints.load(folder)));
  }

  /** A folder in the place of the second file stops the save between two renamings. */
  @ParameterizedTest
  @CsvSource({
    "HF_SAFETENSORS, model-00002-of-00003.safetensors",
    "HF_TORCH, pytorch_model-00002-of-00003.bin",
    "DCP, __0_1.distcp"
  })
  void aSaveThatStopsHalfwayLeavesNoEntry(CheckpointFormat format, String second)
      throws IOException {
    CheckpointDict three =
        CheckpointDict.builder()
            .put("a", tensor(4))
            .put("b", tensor(4))
            .put("c", tensor(4))
            .build();
    save(format, three, 16);
    Files.delete(folder.resolve(second));
    Files.createDirectories(folder.resolve(second).resolve("in the way"));
    assertThrows(CheckpointException.class, () -> save(format, three, 16));
    assertEquals(
        List.of(),
        FolderGoldens.names(folder).stream()
            .filter(name ->
                name.endsWith(".part") || name.endsWith(".json") || name.equals(".metadata"))
            .toList());
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> Checkpoints.load(folder));
    assertTrue(String.valueOf(refused.getMessage()).contains("did not end"), refused.getMessage());
  }

  @Test
  void whatIsOnlyReadIsNotWritten() {
    for (CheckpointFormat format : List.of(CheckpointFormat.XSER, CheckpointFormat.NEURONX)) {
      assertThrows(CheckpointException.class, () -> save(format, model(), 1000));
    }
    assertThrows(CheckpointException.class, () -> save(CheckpointFormat.TORCH, model(), 1000));
  }

  @Test
  void sizesAreReadAsHuggingFaceReadsThem() {
    assertEquals(5_000_000_000L, SaveOptions.maxShardSize("5GB").maxShardSize());
    assertEquals(1_500_000L, SaveOptions.maxShardSize(" 1.5 mb").maxShardSize());
    assertEquals(7L, SaveOptions.maxShardSize("7B").maxShardSize());
    for (String wrong : List.of("", "5", "GB", "-1GB", "0GB", "5GiB", "1e3MB")) {
      assertThrows(CheckpointException.class, () -> SaveOptions.maxShardSize(wrong), wrong);
    }
  }
}
