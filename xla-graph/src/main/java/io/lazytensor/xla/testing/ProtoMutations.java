package io.lazytensor.xla.testing;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;

/** Seeded changes of serialized protos: bytes, lengths, and fields of any message within. */
public final class ProtoMutations {
  private final List<byte[]> donors;

  /** Makes mutations that splice parts of these files into others. */
  public ProtoMutations(List<byte[]> donors) {
    this.donors = List.copyOf(donors);
  }

  /** Returns the bytes with one change. */
  public byte[] mutate(byte[] bytes, Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> withByte(bytes, random, b -> b ^ 1 << random.nextInt(8));
      case 2 -> withByte(bytes, random, _ -> random.nextInt(256));
      case 3 -> withByte(bytes, random, b -> b + random.nextInt(3) - 1);
      case 4 -> withoutPart(bytes, random);
      case 5 -> splice(bytes, donors.get(random.nextInt(donors.size())), random);
      default -> withFields(bytes, random, 0);
    };
  }

  private static byte[] withByte(byte[] bytes, Random random, IntUnaryOperator change) {
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
}
