package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Damaged files end in a value or a {@link CheckpointException}, soon. */
class MutationTest {
  private static final String ENTRY = "PK\u0001\u0002";
  private static final byte[] INTERESTING = {0, 1, -1, 127, -128};
  // 2 s on a machine of one's own; machines that run tests are shared.
  private static final long SOON = 10_000_000_000L;

  @Test
  void twoThousandEditsOfGoldenFiles() throws IOException {
    campaign(1, 2_000);
  }

  @Test
  @Tag("full")
  void millionEditsOfGoldenFiles() throws IOException {
    campaign(2, 1_000_000);
  }

  private static void campaign(long seed, int count) throws IOException {
    List<byte[]> goldens = new ArrayList<>();
    for (Path file : Goldens.files()) {
      byte[] golden = Files.readAllBytes(file);
      goldens.add(golden);
      goldens.add(withoutChecksums(golden));
    }
    goldens.add(TarBytes.whole().build());
    goldens.add(new LegacyBytes().build());
    List<byte[]> malformed = MalformedFiles.contents();
    SplittableRandom random = new SplittableRandom(seed);
    int read = 0;
    for (int i = 0; i < count; i++) {
      SplittableRandom own = random.split();
      List<byte[]> seeds = own.nextBoolean() ? goldens : malformed;
      byte[] edited = edit(seeds.get(own.nextInt(seeds.size())), own);
      long start = System.nanoTime();
      read += outcome(edited, seed + "/" + i);
      assertTrue(System.nanoTime() - start < SOON, "edit " + seed + "/" + i + " is slow");
    }
    // Edits of tensor data and padding change nothing a reader could refuse, so some must pass.
    assertTrue(read > count / 100 && read < count, read + " of " + count + " were read");
  }

  /** Lets edits of a zip archive's pickle reach the reader of pickles. */
  private static byte[] withoutChecksums(byte[] file) {
    byte[] out = file.clone();
    String text = new String(file, StandardCharsets.ISO_8859_1);
    for (int at = text.indexOf(ENTRY); at >= 0; at = text.indexOf(ENTRY, at + 1)) {
      Arrays.fill(out, at + 16, at + 20, (byte) 0);
    }
    return out;
  }

  private static int outcome(byte[] file, String name) {
    try {
      CheckpointValue tree = Checkpoints.parse(MemorySegment.ofArray(file)).tree();
      Checkpoints.forEachLeaf(
          tree,
          (path, value) -> {
            if (value instanceof CheckpointTensor tensor && tensor.byteSize() < 1 << 16) {
              tensor.contiguous();
            }
          });
      return 1;
    } catch (CheckpointException e) {
      return 0;
    } catch (RuntimeException | Error e) {
      return fail("edit " + name, e);
    }
  }

  static byte[] edit(byte[] original, SplittableRandom random) {
    byte[] bytes = original.clone();
    for (int left = 1 + random.nextInt(4); left > 0 && bytes.length > 0; left--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = INTERESTING[random.nextInt(INTERESTING.length)];
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> {
          int length = random.nextInt(Math.min(64, bytes.length - at)) + 1;
          int to = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, at, bytes, to, length);
        }
        default -> {
          for (int i = at; i < Math.min(bytes.length, at + 4); i++) {
            bytes[i] = (byte) random.nextInt(256);
          }
        }
      }
    }
    return bytes;
  }
}
