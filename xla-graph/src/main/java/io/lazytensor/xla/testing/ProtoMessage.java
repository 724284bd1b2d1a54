package io.lazytensor.xla.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A protobuf message as a list of fields that tests can change. */
public final class ProtoMessage {
  /** One field; the payload holds a varint's bytes, fixed bytes, or what the length counts. */
  public record Field(int number, int wire, byte[] payload) {}

  public final List<Field> fields = new ArrayList<>();

  public static ProtoMessage parse(byte[] bytes) {
    ProtoMessage out = new ProtoMessage();
    int[] at = {0};
    while (at[0] < bytes.length) {
      long tag = varint(bytes, at);
      int wire = (int) tag & 7;
      int start = at[0];
      int length =
          switch (wire) {
            case 0 -> {
              varint(bytes, at);
              yield at[0] - start;
            }
            case 1 -> 8;
            case 5 -> 4;
            default -> {
              int n = (int) varint(bytes, at);
              start = at[0];
              yield n;
            }
          };
      byte[] payload = new byte[length];
      System.arraycopy(bytes, start, payload, 0, length);
      at[0] = start + length;
      out.fields.add(new Field((int) (tag >>> 3), wire, payload));
    }
    return out;
  }

  private static long varint(byte[] bytes, int[] at) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at[0]++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  public byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Field field : fields) {
      out.writeBytes(encode((long) field.number() << 3 | field.wire()));
      if (field.wire() == 2) {
        out.writeBytes(encode(field.payload().length));
      }
      out.writeBytes(field.payload());
    }
    return out.toByteArray();
  }

  public static byte[] encode(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return out.toByteArray();
  }

  // ---- changes ----------------------------------------------------------------------------------

  public ProtoMessage remove(int number) {
    fields.removeIf(f -> f.number() == number);
    return this;
  }

  public ProtoMessage add(int number, long value) {
    fields.add(new Field(number, 0, encode(value)));
    return this;
  }

  public ProtoMessage add(int number, byte... bytes) {
    fields.add(new Field(number, 2, bytes));
    return this;
  }

  public ProtoMessage add(int number, String text) {
    return add(number, text.getBytes(StandardCharsets.UTF_8));
  }

  public ProtoMessage set(int number, long value) {
    return remove(number).add(number, value);
  }

  public ProtoMessage set(int number, String text) {
    return remove(number).add(number, text);
  }

  public ProtoMessage set(int number, byte... bytes) {
    return remove(number).add(number, bytes);
  }

  /** Changes the n-th message in a field, in place. */
  public ProtoMessage edit(int number, int nth, Consumer<ProtoMessage> change) {
    int seen = 0;
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).number() == number && seen++ == nth) {
        ProtoMessage inner = parse(fields.get(i).payload());
        change.accept(inner);
        fields.set(i, new Field(number, 2, inner.toBytes()));
        return this;
      }
    }
    throw new AssertionError("there is no field " + number + " number " + nth);
  }
}
