package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.nn.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that huggingface_hub and PyTorch wrote, with one process and with two. */
class FolderGoldensTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "hf-safetensors, HF_SAFETENSORS, 0",
    "hf-single, HF_SAFETENSORS, 0",
    "hf-torch, HF_TORCH, 22",
    "dcp-1, DCP, 194",
    "dcp-2, DCP, 111",
    "torch-2.6/dcp-1, DCP, 130",
    "neuronx/step_10, NEURONX, 50",
    "neuronx, NEURONX, 50"
  })
  void everyTensorHasTheBytesPyTorchSaw(String name, CheckpointFormat format, int checksums) {
    Checkpoint checkpoint = Checkpoints.open(FolderGoldens.of(name));
    List<String> expected =
        FolderGoldens.manifest(name.equals("neuronx") ? "neuronx/step_10" : name);
    assertFalse(expected.isEmpty());
    assertEquals(expected, FolderGoldens.tensors(checkpoint.tree()));
    assertEquals(format, checkpoint.format());
    assertEquals(checksums, Checkpoints.verify(FolderGoldens.of(name)));
  }

  @Test
  void aFileOfPyTorchXlaHasItsTensorsBesideIt() {
    Path file = FolderGoldens.of("xser/model.pt");
    Checkpoint checkpoint = Checkpoints.open(file);
    CheckpointDict all = CheckpointDict.builder().put("model.pt", checkpoint.tree()).build();
    assertEquals(FolderGoldens.manifest("xser"), FolderGoldens.tensors(all));
    assertEquals(CheckpointFormat.XSER, checkpoint.format());
    assertEquals(4, checkpoint.tree().asDict().get("epoch").asLong());
    assertTrue(Checkpoints.verify(file) > 20);
  }

  @Test
  void aTrainingCheckpointOfDcpKeepsItsTree() {
    CheckpointDict tree = Checkpoints.load(FolderGoldens.of("dcp-1")).asDict();
    assertEquals(3, tree.get("epoch").asLong());
    assertEquals("run é", tree.get("name").asText());
    assertEquals("[1, two, None]", Checkpoints.repr(tree.get("plain list")));
    assertEquals("(1, 2.5)", Checkpoints.repr(tree.get("pair")));
    CheckpointList history = tree.get("history").asList();
    assertEquals(2, history.items().size());
    assertEquals(List.of(), history.items().get(1).asDict().get("loss").asTensor().shape());
    CheckpointDict optimizer = tree.get("optimizer").asDict();
    assertEquals(2, optimizer.get("state").asDict().entries().size());
    assertEquals(
        1e-3,
        optimizer.get("param_groups").asList().items().getFirst().asDict().get("lr").asDouble());
  }

  @Test
  void aTensorOfOneChunkIsNotCopied() {
    CheckpointDict tree = Checkpoints.load(FolderGoldens.of("dcp-1")).asDict();
    assertTrue(tree.get("model").asDict().get("weight").asTensor().contiguous().isMapped());
    CheckpointDict two = Checkpoints.load(FolderGoldens.of("dcp-2")).asDict();
    assertTrue(two.get("replicated").asTensor().contiguous().isMapped());
    assertFalse(two.get("rows").asTensor().contiguous().isMapped());
  }

  @Test
  void aStateDictComesFromAFolder() {
    StateDict values = Checkpoints.loadStateDict(FolderGoldens.of("hf-single"));
    assertTrue(values.entries().containsKey("layers.1.steps"));
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> Checkpoints.loadStateDict(FolderGoldens.of("dcp-1")));
    assertTrue(String.valueOf(refused.getMessage()).contains("\"model\""), refused.getMessage());
  }

  @Test
  void tiedTensorsOfAShardStayTied() {
    CheckpointDict tree = Checkpoints.load(FolderGoldens.of("hf-torch")).asDict();
    assertSame(tree.get("embed.weight"), tree.get("head.weight"));
    assertSame(tree.get("rows").asTensor().storage(), tree.get("transposed").asTensor().storage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf-safetensors", "hf-single", "hf-torch"})
  void savingTheSameStateDictGivesTheSameBytes(String name) throws IOException {
    Path golden = FolderGoldens.of(name);
    Checkpoint read = Checkpoints.open(golden);
    CheckpointDict.Builder state = CheckpointDict.builder();
    FolderGoldens.order(name).forEach(key -> state.put(key, read.tree().asDict().get(key)));
    long shard = name.equals("hf-single") ? 5_000_000_000L : 150;
    Checkpoints.save(
        folder,
        new Checkpoint(read.format(), state.build(), read.metadata()),
        new SaveOptions(shard));
    assertEquals(FolderGoldens.names(golden), FolderGoldens.names(folder));
    for (String file : FolderGoldens.names(golden)) {
      assertArrayEquals(
          GoldenFilesTest.withoutId(Files.readAllBytes(golden.resolve(file))),
          GoldenFilesTest.withoutId(Files.readAllBytes(folder.resolve(file))),
          file);
    }
  }

  @Test
  void theNewestCompleteTagIsRead() throws IOException {
    Path tags = FolderGoldens.copy(FolderGoldens.of("neuronx"), folder.resolve("tags"));
    Path newer = FolderGoldens.copy(tags.resolve("step_10"), tags.resolve("step_9"));
    Files.setLastModifiedTime(newer.resolve("done"), FileTime.from(Instant.now().plusSeconds(60)));
    Path incomplete = FolderGoldens.copy(newer, tags.resolve("step_11"));
    Files.delete(incomplete.resolve("done"));
    assertEquals(Map.of("tag", "step_9"), Checkpoints.open(tags).metadata());
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> Checkpoints.open(incomplete));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("its saving did not end"),
        refused.getMessage());
    Files.delete(newer.resolve("done"));
    Files.delete(tags.resolve("step_10/done"));
    refused = assertThrows(CheckpointException.class, () -> Checkpoints.open(tags));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("step_10, step_11, step_9"),
        refused.getMessage());
  }

  @Test
  void tensorParallelRanksAreMerged() {
    CheckpointDict tree = Checkpoints.load(FolderGoldens.of("neuronx")).asDict();
    CheckpointDict merged =
        TensorParallel.merge(
            tree.get("model"),
            name ->
                switch (name) {
                  case "up" -> Optional.of(TensorPartition.along(0));
                  case "down" -> Optional.of(TensorPartition.along(1));
                  case "gate_up" -> Optional.of(new TensorPartition(0, 2));
                  default -> Optional.empty();
                });
    assertEquals(FolderGoldens.manifest("neuronx-whole"), FolderGoldens.tensors(merged));
  }
}
