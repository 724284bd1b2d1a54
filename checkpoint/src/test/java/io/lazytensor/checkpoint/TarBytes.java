package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.PickleText.bytes;
import static io.lazytensor.checkpoint.PickleText.global;
import static io.lazytensor.checkpoint.PickleText.integer;
import static io.lazytensor.checkpoint.PickleText.little;
import static io.lazytensor.checkpoint.PickleText.pickle;
import static io.lazytensor.checkpoint.PickleText.text;
import static io.lazytensor.checkpoint.PickleText.tuple;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** A tar archive, and the members PyTorch put into one before 0.1.10. */
final class TarBytes {
  private static final int BLOCK = 512;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A file with the tensor {@code w} of 4 floats 1 to 4, and {@code v}, a part of its memory. */
  static TarBytes whole() {
    return new TarBytes()
        .add("sys_info", pickle("}"))
        .add("pickle", OBJECT)
        .add("tensors", TENSORS)
        .add("storages", STORAGES);
  }

  static final String OBJECT =
      pickle("}(" + text("w") + text("10") + "Q" + text("v") + text("11") + "Qu");
  static final String STORAGES =
      pickle(integer(1))
          + storage("FloatStorage")
          + little(4, 8)
          + "\0\0\u0080?\0\0\0@\0\0@@\0\0\u0080@"
          + pickle("]" + tuple(integer(2), integer(1), integer(1), integer(2)) + "a");
  static final String TENSORS =
      pickle(integer(2))
          + tensor(10, integer(1), "FloatTensor", new long[] {2, 2}, new long[] {2, 1}, 0)
          + tensor(11, integer(2), "FloatTensor", new long[] {2}, new long[] {1}, 0);

  static String storage(String type) {
    return pickle(tuple(integer(1), text("cpu"), global("torch", type)));
  }

  static String tensor(
      long key, String storage, String type, long[] shape, long[] strides, long offset) {
    StringBuilder text =
        new StringBuilder(pickle(tuple(integer(key), storage, global("torch", type))));
    text.append(little(shape.length, 8));
    Arrays.stream(shape).forEach(size -> text.append(little(size, 8)));
    Arrays.stream(strides).forEach(stride -> text.append(little(stride, 8)));
    return text.append(little(offset, 8)).toString();
  }

  TarBytes add(String name, String content) {
    return add(name, '0', content.length(), content);
  }

  TarBytes add(String name, char type, long size, String content) {
    out.writeBytes(header(name, type, size));
    out.writeBytes(bytes(content));
    out.writeBytes(new byte[(BLOCK - content.length() % BLOCK) % BLOCK]);
    return this;
  }

  /** Adds an extended header, as Python writes it for times with a fraction. */
  TarBytes extend(String records) {
    return add("./PaxHeaders/x", 'x', records.length(), records);
  }

  TarBytes extend(String key, String value) {
    String record = " " + key + "=" + value + "\n";
    int length = record.length() + 1;
    while (Integer.toString(length).length() + record.length() != length) {
      length++;
    }
    return extend(length + record);
  }

  static byte[] header(String name, char type, long size) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
    put(header, 124, "%011o\0%011o\0".formatted(size, 0));
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += Byte.toUnsignedInt(b);
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    return header;
  }

  private static void put(byte[] header, int at, String text) {
    System.arraycopy(bytes(text), 0, header, at, text.length());
  }

  byte[] build() {
    return build(2 * BLOCK);
  }

  byte[] build(int zeros) {
    out.writeBytes(new byte[zeros]);
    return out.toByteArray();
  }
}
