package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.PickleText.bytes;
import static io.lazytensor.checkpoint.PickleText.global;
import static io.lazytensor.checkpoint.PickleText.pickle;
import static io.lazytensor.checkpoint.PickleText.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that must be refused, each with its reason. */
class MalformedFoldersTest {
  // 2 s on a machine of one's own; machines that run tests are shared.
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String SHARD = "model-00001-of-00002.safetensors";
  private static final String OTHER = "model-00002-of-00002.safetensors";

  @TempDir Path root;

  private Path folder;

  @BeforeEach
  void make() throws IOException {
    folder = Files.createDirectory(root.resolve("checkpoint"));
  }

  private void refused(String reason) {
    assertTimeoutPreemptively(
        SOON,
        () -> {
          CheckpointException refused =
              assertThrows(
                  CheckpointException.class, () -> FolderGoldens.tensors(Checkpoints.load(folder)));
          String message = String.valueOf(refused.getMessage());
          assertTrue(message.contains(reason), message);
          assertTrue(message.startsWith(folder + ": "), message);
        });
  }

  // ---- indexes ----------------------------------------------------------------------------------

  private void index(String json) throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), json);
  }

  private void weightMap(String entries) throws IOException {
    index("{\"metadata\":{\"total_size\":16},\"weight_map\":{" + entries + "}}");
  }

  private static void shard(Path file, String... names) {
    CheckpointDict.Builder tensors = CheckpointDict.builder();
    for (String name : names) {
      tensors.put(name, FolderInterchange.ramp(TorchDType.FLOAT32, 2));
    }
    Checkpoints.save(file, tensors.build());
  }

  private void shards() {
    shard(folder.resolve(SHARD), "a");
    shard(folder.resolve(OTHER), "b");
  }

  @Test
  void theControlIsRead() throws IOException {
    shards();
    index(
        "{\"metadata\":{\"total_size\":1.6e1,\"note\":[null,true,-3,{}]},\"weight_map\":{\"a\":\"%s\",\"b\":\"%s\"}}"
            .formatted(SHARD, OTHER));
    assertEquals(2, Checkpoints.load(folder).asDict().entries().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd.safetensors",
        "../x.safetensors",
        "sub/x.safetensors",
        "..\\\\x.safetensors",
        "\\\\\\\\server\\\\share\\\\x.safetensors",
        "C:x.safetensors",
        "c:\\\\x.safetensors",
        "\\\\x.safetensors",
        "..",
        ".",
        "",
        "x\\u0000.safetensors",
        "x\\n.safetensors",
      })
  void aShardIsAPlainName(String name) throws IOException {
    shards();
    shard(root.resolve("x.safetensors"), "b");
    weightMap("\"a\":\"%s\",\"b\":\"%s\"".formatted(SHARD, name));
    refused("is no plain name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.bin", "model.safetensors.bak", "model.SAFETENSORS", "model"})
  void aShardHasTheExtensionOfItsIndex(String name) throws IOException {
    weightMap("\"a\":\"" + name + "\"");
    refused("does not end in .safetensors");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{}|no object \"weight_map\"",
        "[]|no object \"weight_map\"",
        "{\"weight_map\":[]}|no object \"weight_map\"",
        "{\"weight_map\":{\"a\":3}}|the file of \"a\" is no string",
        "{\"weight_map\":{\"a\":null}}|the file of \"a\" is no string",
        "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}|has \"a\" twice",
        "{\"weight_map\":{},\"weight_map\":{}}|has \"weight_map\" twice",
        "{\"weight_map\":{}|JSON text is wrong",
        "{\"weight_map\":{}} x|JSON text is wrong",
        "{\"metadata\":{\"x\":tru},\"weight_map\":{}}|JSON text is wrong",
        "{\"metadata\":{\"x\":01},\"weight_map\":{}}|JSON text is wrong",
      })
  void anIndexIsStrictJson(String json, String reason) throws IOException {
    index(json);
    refused(reason);
  }

  @Test
  void anIndexThatIsNestedForEverIsRefused() throws IOException {
    index("{\"metadata\":" + "[".repeat(200_000));
    refused("nested too deeply");
  }

  @Test
  void allMissingShardsAreListed() throws IOException {
    weightMap("\"a\":\"%s\",\"b\":\"%s\",\"c\":\"%s\"".formatted(SHARD, OTHER, SHARD));
    refused("2 of the files of model.safetensors.index.json are missing: " + SHARD + ", " + OTHER);
  }

  @Test
  void allMissingTensorsAreListed() throws IOException {
    shards();
    weightMap(
        "\"a\":\"%s\",\"b\":\"%s\",\"c\":\"%s\",\"a2\":\"%s\""
            .formatted(OTHER, OTHER, SHARD, SHARD));
    refused(
        "3 tensors are not in the files that model.safetensors.index.json says: \"a\" in %s, \"c\""
            .formatted(OTHER));
  }

  @Test
  void aTensorThatNoLineNamesIsRefused() throws IOException {
    shard(folder.resolve(SHARD), "a", "hidden");
    shard(folder.resolve(OTHER), "b");
    weightMap("\"a\":\"%s\",\"b\":\"%s\"".formatted(SHARD, OTHER));
    refused("1 tensors are in no line of model.safetensors.index.json: \"hidden\" in " + SHARD);
  }

  @Test
  void aTensorInTwoShardsIsTakenFromWhereTheIndexPoints() throws IOException {
    CheckpointTensor other = FolderInterchange.ramp(TorchDType.INT64, 1);
    shard(folder.resolve(SHARD), "a", "b");
    Checkpoints.save(folder.resolve(OTHER), CheckpointDict.builder().put("b", other).build());
    weightMap("\"a\":\"%s\",\"b\":\"%s\"".formatted(SHARD, OTHER));
    CheckpointTensor read = Checkpoints.load(folder).asDict().get("b").asTensor();
    assertEquals(TorchDType.INT64, read.dtype());
  }

  @Test
  void noLinkLeadsOutOfTheFolder() throws IOException {
    shard(root.resolve("outside.safetensors"), "a");
    shard(folder.resolve(OTHER), "b");
    weightMap("\"a\":\"%s\",\"b\":\"%s\"".formatted(SHARD, OTHER));
    Files.createSymbolicLink(folder.resolve(SHARD), Path.of("../outside.safetensors"));
    refused("is a symbolic link out of the folder");
    Files.delete(folder.resolve(SHARD));
    shard(folder.resolve("inside.safetensors"), "a");
    Files.createSymbolicLink(folder.resolve(SHARD), Path.of("inside.safetensors"));
    assertEquals(2, Checkpoints.load(folder).asDict().entries().size());
  }

  @Test
  void aShardIsWhatItsExtensionSays() throws IOException {
    shards();
    Files.delete(folder.resolve(SHARD));
    Path torch = root.resolve("x.pt");
    shard(torch, "a");
    Files.move(torch, folder.resolve(SHARD));
    weightMap("\"a\":\"%s\",\"b\":\"%s\"".formatted(SHARD, OTHER));
    refused("the file is torch, other than its extension says");
  }

  @Test
  void aDamagedShardIsNamed() throws IOException {
    shards();
    weightMap("\"a\":\"%s\",\"b\":\"%s\"".formatted(SHARD, OTHER));
    byte[] bytes = Files.readAllBytes(folder.resolve(OTHER));
    Files.write(folder.resolve(OTHER), Arrays.copyOf(bytes, bytes.length - 1));
    refused(OTHER + ": safetensors: ");
  }

  @Test
  void shardsWithoutAnIndexAreAnUnfinishedCheckpoint() {
    shards();
    refused("no model.safetensors.index.json: its saving or download did not end");
  }

  @Test
  void aShardThatIsAFolderIsRefused() throws IOException {
    shard(folder.resolve(OTHER), "b");
    Files.createDirectory(folder.resolve(SHARD));
    weightMap("\"a\":\"%s\",\"b\":\"%s\"".formatted(SHARD, OTHER));
    refused("\"" + SHARD + "\" is no file");
  }

  @Test
  void anEmptyFolderSaysWhatItLooksFor() {
    refused("it has: nothing");
  }

  // ---- torch.distributed.checkpoint -------------------------------------------------------------

  private final SequencedMap<String, DcpMetadata.Item> items = new LinkedHashMap<>();
  private final Map<String, Tuple> paths = new LinkedHashMap<>();
  private final SequencedMap<DcpMetadata.Key, DcpMetadata.Place> places = new LinkedHashMap<>();
  private final List<DcpMetadata.Chunk> chunks = new ArrayList<>();
  private long end;

  /** Writes an archive with a tensor and tells where it lies. */
  private DcpMetadata.Place archive(long... shape) throws IOException {
    Path one = root.resolve("archive.pt");
    Checkpoints.save(one, FolderInterchange.ramp(TorchDType.FLOAT32, shape));
    byte[] bytes = Files.readAllBytes(one);
    Path file = folder.resolve("__0_0.distcp");
    byte[] before = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    byte[] after = Arrays.copyOf(before, before.length + bytes.length);
    System.arraycopy(bytes, 0, after, before.length, bytes.length);
    Files.write(file, after);
    end = after.length;
    return new DcpMetadata.Place("__0_0.distcp", before.length, bytes.length);
  }

  private static DcpMetadata.Key key(String name, Long... offsets) {
    return new DcpMetadata.Key(name, Optional.of(List.of(offsets)));
  }

  private void chunk(long row, long rows) throws IOException {
    chunks.add(new DcpMetadata.Chunk(List.of(row, 0L), List.of(rows, 2L)));
    places.put(key("w", row, 0L), archive(rows, 2));
  }

  private void tensor(long... size) {
    items.put("w", new DcpMetadata.TensorItem(TorchDType.FLOAT32, size, List.copyOf(chunks)));
  }

  private void metadata() throws IOException {
    byte[] bytes = DcpPickle.write(new DcpMetadata(items, paths, places));
    Files.write(folder.resolve(".metadata"), bytes);
  }

  @Test
  void theDistributedControlIsRead() throws IOException {
    chunk(0, 2);
    chunk(2, 1);
    tensor(3, 2);
    metadata();
    assertEquals(List.of(3L, 2L), Checkpoints.load(folder).asDict().get("w").asTensor().shape());
  }

  @Test
  void chunksThatOverlapAreRefused() throws IOException {
    chunk(0, 2);
    chunk(1, 2);
    tensor(4, 2);
    metadata();
    refused("covered twice");
  }

  @Test
  void chunksThatLeaveAGapAreRefused() throws IOException {
    chunk(0, 1);
    chunk(2, 1);
    tensor(3, 2);
    metadata();
    refused("has 6 elements, of which its pieces hold 4");
  }

  @Test
  void chunksPastTheTensorAreRefused() throws IOException {
    chunk(0, 2);
    chunk(2, 2);
    tensor(3, 2);
    metadata();
    refused("reaches outside");
  }

  @Test
  void aChunkOfAnotherRankIsRefused() throws IOException {
    chunk(0, 2);
    tensor(2, 2, 1);
    metadata();
    refused("reaches outside");
  }

  @Test
  void aChunkWithoutAPlaceIsRefused() throws IOException {
    chunk(0, 2);
    tensor(2, 2);
    places.clear();
    metadata();
    refused("does not say where the chunk of \"w\" at [0, 0] lies");
  }

  @Test
  void aChunkWithAnotherShapeInsideIsRefused() throws IOException {
    chunk(0, 2);
    tensor(2, 2);
    Files.delete(folder.resolve("__0_0.distcp"));
    places.put(key("w", 0L, 0L), archive(4));
    metadata();
    refused("the chunk of \"w\" at [0, 0] is tensor float32[4]");
  }

  @Test
  void aChunkOfMoreThanItsBytesIsRefused() throws IOException {
    chunk(0, 2);
    chunks.set(0, new DcpMetadata.Chunk(List.of(0L, 0L), List.of(1L << 40, 1L << 20)));
    tensor(1L << 40, 1L << 20);
    metadata();
    refused("has more elements than the");
  }

  @Test
  void sizesThatOverflowAreRefused() throws IOException {
    chunk(0, 2);
    tensor(1L << 40, 1L << 40);
    metadata();
    refused("overflows");
  }

  @Test
  void rangesOutsideOfTheFileAreRefused() throws IOException {
    chunk(0, 2);
    tensor(2, 2);
    for (long[] range : new long[][] {{-1, 5}, {0, -1}, {end, 1}, {1, end}, {1, Long.MAX_VALUE}}) {
      places.put(key("w", 0L, 0L), new DcpMetadata.Place("__0_0.distcp", range[0], range[1]));
      metadata();
      refused("are not in __0_0.distcp");
    }
  }

  @Test
  void archivesThatShareBytesAreRefused() throws IOException {
    chunk(0, 2);
    chunk(2, 2);
    tensor(4, 2);
    places.put(key("w", 2L, 0L), new DcpMetadata.Place("__0_0.distcp", 1, end - 1));
    metadata();
    refused("two values share bytes of __0_0.distcp at 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x.distcp", "/x", "a/b", "a\\b", "C:x", ".."})
  void aDataFileIsAPlainName(String name) throws IOException {
    chunk(0, 2);
    tensor(2, 2);
    places.put(key("w", 0L, 0L), new DcpMetadata.Place(name, 0, 1));
    metadata();
    refused("is no plain name");
  }

  @Test
  void allMissingDataFilesAreListed() throws IOException {
    chunk(0, 2);
    tensor(2, 2);
    places.put(key("v", 0L), new DcpMetadata.Place("__2_0.distcp", 0, 1));
    places.put(key("u", 0L), new DcpMetadata.Place("__1_0.distcp", 0, 1));
    metadata();
    refused("2 of the files of .metadata are missing: __1_0.distcp, __2_0.distcp");
  }

  @Test
  void aDataFileIsNotReadThroughALinkOutOfTheFolder() throws IOException {
    chunk(0, 2);
    tensor(2, 2);
    metadata();
    Path outside = Files.move(folder.resolve("__0_0.distcp"), root.resolve("outside"));
    Files.createSymbolicLink(folder.resolve("__0_0.distcp"), outside);
    refused("is a symbolic link out of the folder");
  }

  private static Tuple path(Object... steps) {
    return new Tuple(
        Arrays.stream(steps)
            .map(step ->
                step instanceof Integer number
                    ? CheckpointValue.of(number)
                    : CheckpointValue.of(String.valueOf(step)))
            .toList());
  }

  private void twoTensors(Tuple first, Tuple second) throws IOException {
    chunk(0, 2);
    tensor(2, 2);
    places.put(key("v", 0L, 0L), archive(2, 2));
    items.put("v", items.values().iterator().next());
    paths.put("w", first);
    paths.put("v", second);
    metadata();
  }

  @Test
  void pathsThatMeetAreRefused() throws IOException {
    twoTensors(path("a"), path("a", "b"));
    refused("meets another value's path");
    Files.delete(folder.resolve("__0_0.distcp"));
    chunks.clear();
    twoTensors(path("a", 0), path("a", "b"));
    refused("meets another value's path");
    Files.delete(folder.resolve("__0_0.distcp"));
    chunks.clear();
    twoTensors(path("a", "b"), path("a", "b"));
    refused("two values have the path");
  }

  @Test
  void aListThatIsNearlyEmptyIsRefused() throws IOException {
    twoTensors(path("a", 0), path("a", Integer.MAX_VALUE));
    refused("a list has item 2147483647 and 1 others");
  }

  @Test
  void aMetadataRunsNothing() throws IOException {
    Files.write(
        folder.resolve(".metadata"),
        bytes(pickle(global("posix", "system") + text("true") + "\u0085R")));
    refused("posix.system, which is not on the list of names");
  }

  @Test
  void aMetadataOfOtherThingsIsRefused() throws IOException {
    for (String body :
        List.of(
            "}",
            global("torch.distributed.checkpoint.metadata", "Metadata") + ")\u0081",
            global("torch.distributed.checkpoint.metadata", "Metadata") + ")\u0081}b")) {
      Files.write(folder.resolve(".metadata"), bytes(pickle(body)));
      assertThrows(CheckpointException.class, () -> Checkpoints.load(folder));
    }
  }

  @Test
  void anObjectThatContainsItselfIsRefused() throws IOException {
    String metadata = global("torch.distributed.checkpoint.metadata", "Metadata");
    String body = metadata + ")\u0081q\0}" + text("planner_data") + "h\0sb";
    Files.write(folder.resolve(".metadata"), bytes(pickle(body)));
    refused("contains itself");
  }

  @Test
  void dataWithoutMetadataIsAnUnfinishedCheckpoint() throws IOException {
    chunk(0, 2);
    refused("no .metadata, which is written last: its saving did not end");
  }

  @Test
  void metadataOfSingleRanksIsNotRead() throws IOException {
    Files.writeString(folder.resolve("__0.metadata"), "");
    refused("metadata of single ranks");
  }

  // ---- PyTorch/XLA and NeuronX Distributed ------------------------------------------------------

  @Test
  void aReferenceToATensorThatIsNotThereIsRefused() throws IOException {
    Path xser = FolderGoldens.copy(FolderGoldens.of("xser"), root.resolve("xser"));
    Path file = xser.resolve("model.pt");
    Files.delete(xser.resolve("model.pt.tensors/tensor_1.pt"));
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> Checkpoints.load(file));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("there is no file \"tensor_1.pt\""),
        refused.getMessage());
    Path alone = Files.copy(file, root.resolve("alone.pt"));
    refused = assertThrows(CheckpointException.class, () -> Checkpoints.load(alone));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("the folder \"alone.pt.tensors\""),
        refused.getMessage());
  }

  @Test
  void aReferenceResolvesInsideOfItsFolderOnly() throws IOException {
    Path xser = FolderGoldens.copy(FolderGoldens.of("xser"), root.resolve("xser"));
    Path tensors = xser.resolve("model.pt.tensors");
    Path outside = Files.move(tensors.resolve("tensor_0.pt"), root.resolve("tensor_0.pt"));
    Files.createSymbolicLink(tensors.resolve("tensor_0.pt"), outside);
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> Checkpoints.load(xser.resolve("model.pt")));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("symbolic link out of the folder"),
        refused.getMessage());
  }

  @Test
  void aTagWithoutRankFilesIsRefused() throws IOException {
    Files.writeString(folder.resolve("checkpoint"), "1");
    Files.writeString(folder.resolve("done"), "1");
    Files.createDirectory(folder.resolve("model"));
    refused("\"model\" has no file such as dp_rank_00_tp_rank_00_pp_rank_00.pt");
  }

  @Test
  void ranksThatDoNotFitAreNotMerged() {
    CheckpointValue slice =
        CheckpointDict.builder().put("w", FolderInterchange.ramp(TorchDType.FLOAT32, 3)).build();
    CheckpointValue other =
        CheckpointDict.builder().put("w", FolderInterchange.ramp(TorchDType.FLOAT32, 4)).build();
    String rank = "dp_rank_00_tp_rank_%02d_pp_rank_00";
    CheckpointDict gap =
        CheckpointDict.builder()
            .put(rank.formatted(0), slice)
            .put(rank.formatted(2), slice)
            .build();
    CheckpointDict uneven =
        CheckpointDict.builder()
            .put(rank.formatted(0), slice)
            .put(rank.formatted(1), other)
            .build();
    CheckpointDict two =
        CheckpointDict.builder()
            .put(rank.formatted(0), slice)
            .put(rank.formatted(1), slice)
            .build();
    merged("of the tp ranks only [0, 2]", gap, TensorPartition.along(0));
    merged("\"w\" is tensor float32[3] on one rank", uneven, TensorPartition.along(0));
    merged("cannot have been cut", two, TensorPartition.along(1));
    merged("cannot have been cut", two, new TensorPartition(0, 2));
    assertThrows(CheckpointException.class, () -> new TensorPartition(-1, 1));
    assertThrows(CheckpointException.class, () -> new TensorPartition(0, 0));
  }

  private static void merged(String reason, CheckpointDict model, TensorPartition partition) {
    CheckpointException refused =
        assertThrows(
            CheckpointException.class,
            () -> TensorParallel.merge(model, name -> Optional.of(partition)));
    assertTrue(String.valueOf(refused.getMessage()).contains(reason), refused.getMessage());
  }

  @Test
  void aVeryLongNameIsAbridged() throws IOException {
    weightMap("\"a\":\"" + "x".repeat(1_000_000) + ".safetensors\"");
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> Checkpoints.load(folder));
    int length = String.valueOf(refused.getMessage()).getBytes(StandardCharsets.UTF_8).length;
    assertTrue(length < 2_000, "the message has " + length + " bytes");
  }
}
