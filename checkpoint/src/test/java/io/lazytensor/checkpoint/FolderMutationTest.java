package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged folders end in a value or a {@link CheckpointException}, soon. */
class FolderMutationTest {
  // 2 s on a machine of one's own; machines that run tests are shared.
  private static final long SOON = 10_000_000_000L;

  @TempDir Path root;

  /** A file of a folder that is edited, and its content. */
  private record Victim(Path opened, Path file, byte[] content) {}

  @Test
  void thousandEditsOfFolders() throws IOException {
    campaign(1, 1_000);
  }

  @Test
  @Tag("full")
  void fortyThousandEditsOfFolders() throws IOException {
    campaign(2, 40_000);
  }

  @Test
  void twentyThousandEditsOfIndexAndMetadata() throws IOException {
    memoryCampaign(3, 20_000);
  }

  @Test
  @Tag("full")
  void millionEditsOfIndexAndMetadata() throws IOException {
    memoryCampaign(4, 1_000_000);
  }

  /** Edits only what tells of other files, and reads only that. */
  private static void memoryCampaign(long seed, int count) throws IOException {
    List<byte[]> metadata = new ArrayList<>();
    for (String name : List.of("dcp-1", "dcp-2")) {
      metadata.add(Files.readAllBytes(FolderGoldens.of(name).resolve(".metadata")));
    }
    metadata.add(DcpPickle.write(DcpMetadata.read(MemorySegment.ofArray(metadata.getFirst()))));
    byte[] index = Files.readAllBytes(FolderGoldens.of("hf-torch/pytorch_model.bin.index.json"));
    SplittableRandom random = new SplittableRandom(seed);
    int read = 0;
    for (int i = 0; i < count; i++) {
      SplittableRandom own = random.split();
      boolean pickle = own.nextInt(4) > 0;
      byte[] original = pickle ? metadata.get(own.nextInt(metadata.size())) : index;
      MemorySegment edited = MemorySegment.ofArray(MutationTest.edit(original, own));
      long start = System.nanoTime();
      try {
        if (pickle) {
          DcpMetadata.read(edited);
        } else {
          ShardIndex.read(edited, ".bin");
        }
        read++;
      } catch (CheckpointException e) {
        // What a damaged file is for.
      } catch (RuntimeException | Error e) {
        fail("edit " + seed + "/" + i, e);
      }
      assertTrue(System.nanoTime() - start < SOON, "edit " + seed + "/" + i + " is slow");
    }
    assertTrue(read > count / 100 && read < count, read + " of " + count + " were read");
  }

  private void campaign(long seed, int count) throws IOException {
    Path copy = FolderGoldens.copy(FolderGoldens.root(), root.resolve("folders"));
    List<Victim> victims = victims(copy);
    SplittableRandom random = new SplittableRandom(seed);
    int read = 0;
    for (int i = 0; i < count; i++) {
      SplittableRandom own = random.split();
      // What tells of other files is edited more often than tensors are.
      Victim victim = victims.get(own.nextInt(victims.size()));
      Files.write(victim.file(), MutationTest.edit(victim.content(), own));
      long start = System.nanoTime();
      read += outcome(victim, seed + "/" + i);
      assertTrue(System.nanoTime() - start < SOON, "edit " + seed + "/" + i + " is slow");
      Files.write(victim.file(), victim.content());
    }
    assertTrue(read > count / 100 && read < count, read + " of " + count + " were read");
  }

  private static List<Victim> victims(Path copy) throws IOException {
    List<Victim> victims = new ArrayList<>();
    try (Stream<Path> files = Files.walk(copy)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = copy.relativize(file).toString();
        if (name.endsWith("manifest.tsv") || name.startsWith(FolderGoldens.OLDER)) {
          continue;
        }
        Path opened =
            name.startsWith("xser")
                ? copy.resolve("xser/model.pt")
                : copy.resolve(name.substring(0, name.indexOf('/')));
        Victim victim = new Victim(opened, file, Files.readAllBytes(file));
        boolean leads = name.endsWith(".json") || name.endsWith(".metadata");
        for (int times = leads ? 10 : 1; times > 0; times--) {
          victims.add(victim);
        }
      }
    }
    return victims;
  }

  private static int outcome(Victim victim, String name) {
    try {
      Checkpoints.forEachLeaf(
          Checkpoints.load(victim.opened()),
          (path, value) -> {
            if (value instanceof CheckpointTensor tensor && tensor.byteSize() < 1 << 16) {
              tensor.contiguous();
            }
          });
      return 1;
    } catch (CheckpointException e) {
      return 0;
    } catch (RuntimeException | Error e) {
      return fail("edit " + name + " of " + victim.file(), e);
    }
  }
}
