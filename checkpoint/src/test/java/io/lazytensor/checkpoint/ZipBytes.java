package io.lazytensor.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/** A zip archive whose every field a test can make wrong. */
final class ZipBytes {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private final Map<String, Long> overrides = new HashMap<>();
  private final String root;
  private int entries;

  ZipBytes(String root) {
    this.root = root;
  }

  /** Makes a field of the next record, or of the end records, another value. */
  ZipBytes with(String field, long value) {
    overrides.put(field, value);
    return this;
  }

  private long field(String name, long usual) {
    return overrides.getOrDefault(name, usual);
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  ZipBytes add(String name, byte[] content) {
    return addRaw(root + "/" + name, root + "/" + name, content, new byte[0]);
  }

  ZipBytes add(String name, String content) {
    return add(name, content.getBytes(StandardCharsets.ISO_8859_1));
  }

  ZipBytes addRaw(String central, String local, byte[] content, byte[] extra) {
    byte[] name = central.getBytes(StandardCharsets.UTF_8);
    byte[] localName = local.getBytes(StandardCharsets.UTF_8);
    CRC32 sum = new CRC32();
    sum.update(content);
    long crc = field("crc", sum.getValue());
    int header = body.size();
    int flags = (int) field("flags", content.length > 0 ? 0x0808 : 0x0800);
    int method = (int) field("method", 0);
    ByteBuffer start = buffer(30);
    start.putInt(0x04034b50).putShort((short) 0).putShort((short) field("localFlags", flags));
    start.putShort((short) field("localMethod", method)).putInt(0).putInt(0).putInt(0).putInt(0);
    start.putShort((short) localName.length).putShort((short) field("localExtra", 0));
    body.writeBytes(start.array());
    body.writeBytes(localName);
    body.writeBytes(content);
    if (content.length > 0) {
      ByteBuffer descriptor = buffer(16).putInt(0x08074b50).putInt((int) crc);
      body.writeBytes(descriptor.putInt(content.length).putInt(content.length).array());
    }
    body.writeBytes(new byte[(int) field("gap", 0)]);
    ByteBuffer entry = buffer(46);
    entry.putInt(0x02014b50).putInt(0).putShort((short) flags).putShort((short) method).putInt(0);
    entry.putInt((int) crc).putInt((int) field("compressed", content.length));
    entry.putInt((int) field("size", content.length)).putShort((short) name.length);
    entry.putShort((short) extra.length).putShort((short) 0).putShort((short) field("disk", 0));
    entry.putShort((short) 0).putInt(0).putInt((int) field("header", header));
    directory.writeBytes(entry.array());
    directory.writeBytes(name);
    directory.writeBytes(extra);
    entries++;
    overrides.clear();
    return this;
  }

  byte[] build() {
    return build(new byte[0]);
  }

  byte[] build(byte[] tail) {
    int start = body.size();
    int size = directory.size();
    body.writeBytes(directory.toByteArray());
    if (field("zip64", 1) != 0) {
      int at = body.size();
      ByteBuffer zip64 = buffer(76).putInt(0x06064b50).putLong(field("zip64Size", 44)).putInt(0);
      zip64.putInt(0).putInt(0).putLong(entries).putLong(entries).putLong(size).putLong(start);
      zip64.putInt(0x07064b50).putInt(0).putLong(field("zip64At", at)).putInt(1);
      body.writeBytes(zip64.array());
    }
    short count = (short) field("count", entries);
    ByteBuffer end = buffer(22).putInt(0x06054b50).putShort((short) field("endDisk", 0));
    end.putShort((short) 0).putShort(count).putShort(count);
    end.putInt((int) field("directorySize", size)).putInt((int) field("directoryAt", start));
    body.writeBytes(end.putShort((short) field("comment", 0)).array());
    body.writeBytes(tail);
    return body.toByteArray();
  }
}
