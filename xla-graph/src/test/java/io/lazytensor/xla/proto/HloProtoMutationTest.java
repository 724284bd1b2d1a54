package io.lazytensor.xla.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lazytensor.xla.EveryOp;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.LazyTensorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever happens to a file, reading it ends in a module or in an exception of this library. */
class HloProtoMutationTest {
  private static final List<byte[]> SEEDS =
      EveryOp.modules().values().stream().map(HloProtoWriter::write).toList();

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
        bytes = mutate(bytes, random);
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

  // ---- mutations --------------------------------------------------------------------------------

  private static byte[] mutate(byte[] bytes, Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> withByte(bytes, random, b -> b ^ 1 << random.nextInt(8));
      case 2 -> withByte(bytes, random, _ -> random.nextInt(256));
      case 3 -> withByte(bytes, random, b -> b + random.nextInt(3) - 1);
      case 4 -> withoutPart(bytes, random);
      case 5 -> splice(bytes, SEEDS.get(random.nextInt(SEEDS.size())), random);
      default -> withFields(bytes, random, 0);
    };
  }

  private static byte[] withByte(
      byte[] bytes, Random random, java.util.function.IntUnaryOperator change) {
    byte[] out = bytes.clone();
    if (out.length > 0) {
      int at = random.nextInt(out.length);
      out[at] = (byte) change.applyAsInt(out[at]);
    }
    return out;
  }

  private static byte[] withoutPart(byte[] bytes, Random random) {
    int from = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, from + random.nextInt(20));
    byte[] out = Arrays.copyOf(bytes, bytes.length - (to - from));
    System.arraycopy(bytes, to, out, from, bytes.length - to);
    return out;
  }

  private static byte[] splice(byte[] head, byte[] tail, Random random) {
    int from = random.nextInt(tail.length);
    int cut = random.nextInt(head.length + 1);
    byte[] out = Arrays.copyOf(head, cut + tail.length - from);
    System.arraycopy(tail, from, out, cut, tail.length - from);
    return out;
  }

  /** Changes the fields of the message, or of one within it, and keeps the lengths right. */
  private static byte[] withFields(byte[] bytes, Random random, int depth) {
    ProtoMessage message;
    try {
      message = ProtoMessage.parse(bytes);
    } catch (RuntimeException notAMessage) {
      return withByte(bytes, random, _ -> random.nextInt(256));
    }
    List<ProtoMessage.Field> fields = message.fields;
    if (fields.isEmpty()) {
      return bytes;
    }
    int at = random.nextInt(fields.size());
    ProtoMessage.Field field = fields.get(at);
    if (field.wire() == 2 && depth < 6 && random.nextInt(4) != 0) {
      byte[] inner = withFields(field.payload(), random, depth + 1);
      fields.set(at, new ProtoMessage.Field(field.number(), 2, inner));
      return message.toBytes();
    }
    switch (random.nextInt(7)) {
      case 0 -> fields.remove(at);
      case 1 -> fields.add(random.nextInt(fields.size()), field);
      case 2 -> Collections.swap(fields, at, random.nextInt(fields.size()));
      case 3 -> Collections.shuffle(fields, random);
      case 4 ->
          fields.set(
              at, new ProtoMessage.Field(1 + random.nextInt(100), field.wire(), field.payload()));
      case 5 ->
          fields.set(
              at, new ProtoMessage.Field(field.number(), 0, ProtoMessage.encode(number(random))));
      default ->
          fields.set(
              at, new ProtoMessage.Field(field.number(), 2, ProtoMessage.encode(number(random))));
    }
    return message.toBytes();
  }

  private static long number(Random random) {
    long[] interesting = {
      0,
      1,
      2,
      3,
      4,
      7,
      100,
      -1,
      -2,
      Integer.MAX_VALUE,
      Integer.MIN_VALUE,
      1L << 31,
      1L << 32,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      (1L << 32) + 1
    };
    return interesting[random.nextInt(interesting.length)];
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
