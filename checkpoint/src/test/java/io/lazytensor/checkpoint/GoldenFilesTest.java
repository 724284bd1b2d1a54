package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that real PyTorch and safetensors wrote. */
class GoldenFilesTest {
  @TempDir Path folder;

  private static List<Path> files() {
    return Goldens.files();
  }

  /** Those that are written as they were read: NumPy's numbers become Python's. */
  private static List<Path> writtenFiles() {
    return files().stream()
        .filter(file -> file.toString().contains(Goldens.NEWEST))
        .filter(file -> !file.toString().matches(".*/(legacy_.*|script|numpy)\\.pt"))
        .toList();
  }

  private static List<Path> legacyFiles() {
    return files().stream().filter(file -> file.toString().contains("/legacy_")).toList();
  }

  private static String digest(MemorySegment bytes) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(bytes.toArray(ValueLayout.JAVA_BYTE)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> tensors(String file, CheckpointValue tree) {
    List<String> out = new ArrayList<>();
    Checkpoints.forEachLeaf(
        tree,
        (path, value) -> {
          if (value instanceof CheckpointTensor tensor) {
            out.add(
                String.join(
                    "\t",
                    file,
                    String.join("/", path),
                    tensor.dtype().torchName(),
                    tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(",")),
                    digest(tensor.contiguous())));
          }
        });
    out.sort(null);
    return out;
  }

  private static List<String> manifest(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    return Files.readAllLines(file.resolveSibling("manifest.tsv")).stream()
        .filter(line -> line.startsWith(name + "\t"))
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyTensorHasTheBytesPyTorchSaw(Path file) throws IOException {
    List<String> expected = manifest(file);
    assertFalse(expected.isEmpty());
    assertEquals(expected, tensors(String.valueOf(file.getFileName()), Checkpoints.load(file)));
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyChecksumIsRight(Path file) {
    boolean zip =
        switch (Checkpoints.open(file).format()) {
          case TORCH, TORCHSCRIPT -> true;
          case TORCH_LEGACY, TORCH_TAR, SAFETENSORS, HF_SAFETENSORS, HF_TORCH, DCP, XSER, NEURONX ->
              false;
        };
    assertEquals(zip, Checkpoints.verify(file) > 0);
  }

  @ParameterizedTest
  @MethodSource("writtenFiles")
  void writingWhatWasReadGivesTheSameBytes(Path file) throws IOException {
    Path copy = folder.resolve(file.getFileName());
    Checkpoints.save(copy, Checkpoints.open(file));
    assertArrayEquals(withoutId(Files.readAllBytes(file)), withoutId(Files.readAllBytes(copy)));
  }

  @ParameterizedTest
  @MethodSource("legacyFiles")
  void aFileBeforeZipConvertsToThatOfTheSameObjects(Path file) throws IOException {
    Checkpoint legacy = Checkpoints.open(file);
    assertEquals(CheckpointFormat.TORCH_LEGACY, legacy.format());
    String name = String.valueOf(file.getFileName()).replace("legacy_", "");
    Path zipped = file.resolveSibling(name);
    Path fromLegacy = folder.resolve(name);
    Checkpoints.save(fromLegacy, legacy.tree());
    Path copied = Files.createDirectory(folder.resolve("copy")).resolve(name);
    Checkpoints.save(copied, Checkpoints.load(zipped));
    assertArrayEquals(Files.readAllBytes(copied), Files.readAllBytes(fromLegacy));
  }

  /** Blanks the 40 digits that only PyTorch's C++ library can compute, and their checksums. */
  static byte[] withoutId(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    String name = "/.data/serialization_id";
    int header = text.indexOf(name);
    if (header < 0) {
      return file;
    }
    int descriptor = text.indexOf("PK\u0007\u0008", header);
    int entry = text.lastIndexOf("PK\u0001\u0002", text.lastIndexOf(name));
    StringBuilder out = new StringBuilder(text);
    out.replace(descriptor - 40, descriptor, "0".repeat(40));
    out.replace(descriptor + 4, descriptor + 8, "....");
    out.replace(entry + 16, entry + 20, "....");
    return out.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void aTrainingCheckpointKeepsItsTree() {
    CheckpointDict tree = Checkpoints.load(Goldens.newest("train.pt")).asDict();
    assertEquals(3, tree.get("epoch").asLong());
    assertEquals(0.123, tree.get("best").asDouble());
    assertEquals(-5, tree.get("negative").asLong());
    assertEquals(1L << 40, tree.get("big").asLong());
    assertEquals(new CheckpointValue.Int(BigInteger.ONE.shiftLeft(70)), tree.get("huge"));
    assertEquals(CheckpointValue.none(), tree.get("nothing"));
    assertTrue(tree.get("flag").asBoolean());
    assertEquals("é😀", tree.get("name").asText());
    assertEquals(4, ((Tuple) tree.get("tuple")).items().size());
    assertEquals(CheckpointBytes.of(new byte[] {'a', 'b', -1}), tree.get("bytes"));
    assertEquals("torch.Size", tree.get("size").kind());
    assertEquals(1001, tree.get("list").asList().items().get(1).asList().items().size());
    CheckpointDict group =
        tree.get("optimizer").asDict().get("param_groups").asList().items().getFirst().asDict();
    assertEquals(1e-3, group.get("lr").asDouble());
    CheckpointDict model = tree.get("model").asDict();
    assertTrue(model.isOrdered());
    CheckpointDict metadata =
        Objects.requireNonNull(model.attributes().get(CheckpointValue.of("_metadata"))).asDict();
    assertEquals(2, metadata.get("1").asDict().get("version").asLong());
  }

  @Test
  void viewsAndTiedTensorsShareOneStorage() {
    CheckpointDict tree = Checkpoints.load(Goldens.newest("views.pt")).asDict();
    CheckpointTensor base = tree.get("base").asTensor();
    CheckpointTensor slice = tree.get("slice").asTensor();
    assertSame(base.storage(), slice.storage());
    assertEquals(6, slice.offset());
    assertEquals(List.of(4L, 1L), slice.strides());
    assertEquals(List.of(1L, 4L), tree.get("transposed").asTensor().strides());
    assertSame(tree.get("tied a"), tree.get("tied b"));
    assertTrue(tree.get("tied a").asTensor().isParameter());
    assertFalse(tree.get("frozen").asTensor().requiresGrad());
    assertTrue(tree.get("gradient").asTensor().requiresGrad());
  }

  @Test
  void contiguousTensorsAreNotCopied() {
    CheckpointTensor tensor =
        Checkpoints.load(Goldens.newest("linear.pt")).asDict().get("weight").asTensor();
    assertTrue(tensor.contiguous().isMapped());
  }
}
