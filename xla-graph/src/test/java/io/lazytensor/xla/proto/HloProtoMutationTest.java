package io.lazytensor.xla.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.testing.EveryOp;
import io.lazytensor.xla.testing.ProtoMutations;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever happens to a file, reading it ends in a module or in an exception of this library. */
class HloProtoMutationTest {
  private static final List<byte[]> SEEDS =
      EveryOp.modules().values().stream().map(HloProtoWriter::write).toList();
  private static final ProtoMutations MUTATIONS = new ProtoMutations(SEEDS);

  @Test
  void mutatedFilesAreReadOrRefused() {
    campaign(2_000, 1);
  }

  @Test
  @Tag("full")
  void manyMutatedFilesAreReadOrRefused() {
    campaign(150_000, 2);
  }

  private static void campaign(int count, long seed) {
    int valid = 0;
    for (int i = 0; i < count; i++) {
      Random random = new Random(seed * 1_000_003 + i);
      byte[] bytes = SEEDS.get(random.nextInt(SEEDS.size()));
      for (int k = random.nextInt(3); k >= 0; k--) {
        bytes = MUTATIONS.mutate(bytes, random);
      }
      valid += read(bytes, "seed " + seed + ", mutation " + i) ? 1 : 0;
    }
    // Mutations that nothing survives, or everything, would test little.
    assertTrue(valid > count / 50 && valid < count / 2, valid + " of " + count + " were valid");
  }

  private static boolean read(byte[] bytes, String which) {
    long start = System.nanoTime();
    HloModule module;
    try {
      module = HloProtoReader.read(bytes);
      HloVerifier.verify(module);
    } catch (LazyTensorException refused) {
      String message = refused.getMessage();
      assertTrue(message != null && !message.isBlank(), which);
      return false;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return fail(which + ": " + HexFormat.of().formatHex(bytes), e);
    } finally {
      long millis = (System.nanoTime() - start) / 1_000_000;
      assertTrue(millis < 1_000, () -> which + " took " + millis + " ms");
    }
    assertEquals(module, HloProtoReader.read(HloProtoWriter.write(module)), which);
    return true;
  }

  @Test
  void anyBytesAreReadOrRefused() {
    Random random = new Random(3);
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      all.add(bytes);
    }
    for (byte[] bytes : all) {
      read(bytes, HexFormat.of().formatHex(bytes));
    }
  }
}
