package io.lazytensor.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Writes a zip archive with the bytes PyTorch's writer makes: stored records, each aligned by an
 * extra field, sizes in a descriptor behind it.
 *
 * <p>Source: PyTorch 2.6 {@code caffe2/serialize/inline_container.cc} ({@code getPadding}) and
 * {@code third_party/miniz-3.0.2/miniz.c} ({@code mz_zip_writer_add_mem_ex_v2}).
 */
final class TorchZipWriter {
  static final int ALIGNMENT = 64;
  private static final long LARGE = 0xffffffffL;
  private static final short UTF8 = 0x0800;
  private static final short UTF8_AND_DESCRIPTOR = 0x0808;

  private final RecordSink sink;
  private final long origin;
  private final String root;
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private final CRC32 names = new CRC32();
  private final CRC32 checksums = new CRC32();
  private int count;

  /** Starts an archive where the sink is: several may follow each other in a file. */
  TorchZipWriter(RecordSink sink, String root) {
    this.sink = sink;
    this.origin = sink.position();
    this.root = root;
  }

  private long position() {
    return sink.position() - origin;
  }

  void text(String name, String text) throws IOException {
    record(name, MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)));
  }

  void record(String name, MemorySegment bytes) throws IOException {
    byte[] path = (root + "/" + name).getBytes(StandardCharsets.UTF_8);
    long header = position();
    long size = bytes.byteSize();
    int zip64 = zip64Size(size, header);
    sink.write(localHeader(path, size, header, zip64));
    long crc = sink.write(bytes);
    if (size > 0) {
      sink.write(descriptor(crc, size, zip64 > 0));
    }
    directory.writeBytes(centralEntry(path, size, header, crc, zip64));
    names.update(path);
    checksums.update(LittleEndian.buffer(Long.BYTES).putLong(crc).array());
    count++;
  }

  /** Returns 40 digits that depend on names and content; PyTorch only logs them. */
  String serializationId() {
    return "%020d%020d".formatted(names.getValue(), checksums.getValue());
  }

  private static int zip64Size(long size, long header) {
    int sizes = size >= LARGE ? 2 * Long.BYTES : 0;
    int offset = header >= LARGE ? Long.BYTES : 0;
    return sizes + offset == 0 ? 0 : 4 + sizes + offset;
  }

  private static ByteBuffer localHeader(byte[] path, long size, long header, int zip64) {
    int fixed = 30 + path.length + zip64 + 4;
    int padding = (int) ((ALIGNMENT - (header + fixed) % ALIGNMENT) % ALIGNMENT);
    ByteBuffer out = LittleEndian.buffer(fixed + padding);
    out.putInt((int) ZipDirectory.LOCAL_SIGNATURE).putShort((short) 0).putShort(flags(size));
    out.putShort((short) 0).putInt(0).putInt(0).putInt(0).putInt(0);
    out.putShort((short) path.length).putShort((short) (zip64 + 4 + padding)).put(path);
    if (zip64 > 0) {
      // The compressed size is still 0 here: it follows in the descriptor.
      zip64Field(out, size, 0, header, zip64);
    }
    out.put((byte) 'F').put((byte) 'B').putShort((short) padding);
    while (out.hasRemaining()) {
      out.put((byte) 'Z');
    }
    return out.flip();
  }

  private static short flags(long size) {
    return size > 0 ? UTF8_AND_DESCRIPTOR : UTF8;
  }

  private static void zip64Field(
      ByteBuffer out, long size, long compressed, long header, int zip64) {
    out.putShort((short) 1).putShort((short) (zip64 - 4));
    if (size >= LARGE) {
      out.putLong(size).putLong(compressed);
    }
    if (header >= LARGE) {
      out.putLong(header);
    }
  }

  private static ByteBuffer descriptor(long crc, long size, boolean zip64) {
    ByteBuffer out = LittleEndian.buffer(zip64 ? 24 : 16).putInt(0x08074b50).putInt((int) crc);
    if (zip64) {
      out.putLong(size).putLong(size);
    } else {
      out.putInt((int) size).putInt((int) size);
    }
    return out.flip();
  }

  private static byte[] centralEntry(byte[] path, long size, long header, long crc, int zip64) {
    ByteBuffer out = LittleEndian.buffer(46 + path.length + zip64);
    int shortSize = (int) Math.min(size, LARGE);
    out.putInt(0x02014b50).putShort((short) 0).putShort((short) 0).putShort(flags(size));
    out.putShort((short) 0).putInt(0).putInt((int) crc).putInt(shortSize).putInt(shortSize);
    out.putShort((short) path.length).putShort((short) zip64).putShort((short) 0);
    out.putShort((short) 0).putShort((short) 0).putInt(0);
    out.putInt((int) Math.min(header, LARGE)).put(path);
    if (zip64 > 0) {
      zip64Field(out, size, size, header, zip64);
    }
    return out.array();
  }

  /** Writes the directory and its end records. */
  void finish() throws IOException {
    long start = position();
    long size = directory.size();
    sink.write(ByteBuffer.wrap(directory.toByteArray()));
    long end = position();
    ByteBuffer out = LittleEndian.buffer(56 + 20 + 22);
    out.putInt(0x06064b50).putLong(44).putShort((short) 0x031e).putShort((short) 45);
    out.putInt(0).putInt(0).putLong(count).putLong(count).putLong(size).putLong(start);
    out.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
    short shortCount = (short) Math.min(count, 0xffff);
    out.putInt(0x06054b50).putInt(0).putShort(shortCount).putShort(shortCount);
    out.putInt((int) Math.min(size, LARGE)).putInt((int) Math.min(start, LARGE));
    out.putShort((short) 0);
    sink.write(out.flip());
  }
}
