package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedFilesTest {
  // 2 s on a machine of one's own; machines that run tests are shared.
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;

  private static List<MalformedFiles.Case> cases() {
    return MalformedFiles.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isRefusedWithItsReason(MalformedFiles.Case file) {
    assertTimeoutPreemptively(
        SOON,
        () -> {
          MemorySegment bytes = MemorySegment.ofArray(file.content());
          if (file.reason().isEmpty()) {
            Checkpoints.parse(bytes);
            return;
          }
          CheckpointException refused =
              assertThrows(CheckpointException.class, () -> Checkpoints.parse(bytes));
          assertTrue(
              String.valueOf(refused.getMessage()).contains(file.reason()), refused.getMessage());
        });
  }

  @Test
  void aDamagedTensorIsFoundByVerifying() throws IOException {
    byte[] file = Files.readAllBytes(Goldens.newest("linear.pt"));
    file[832] ^= 1;
    Path damaged = Files.write(folder.resolve("linear.pt"), file);
    Checkpoints.load(damaged);
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> Checkpoints.verify(damaged));
    assertTrue(String.valueOf(refused.getMessage()).contains("\"data/0\""), refused.getMessage());
  }

  @Test
  void anElementRepeatedForEverIsNotCopied() {
    MalformedFiles.Case expanded =
        cases().stream()
            .filter(c -> c.name().equals("expanded for ever"))
            .findFirst()
            .orElseThrow();
    CheckpointTensor tensor =
        Checkpoints.parse(MemorySegment.ofArray(expanded.content()))
            .tree()
            .asDict()
            .get("w")
            .asTensor();
    assertThrows(CheckpointException.class, tensor::contiguous);
  }

  @Test
  void foldersAndMissingFilesAreNamed() {
    assertThrows(CheckpointException.class, () -> Checkpoints.load(folder));
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> Checkpoints.load(folder.resolve("missing.pt")));
    assertTrue(String.valueOf(refused.getMessage()).contains("missing.pt"), refused.getMessage());
  }
}
