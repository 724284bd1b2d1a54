package io.lazytensor.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;

/** Passes bytes on, and takes their number and CRC-32C. */
final class ChecksumChannel implements WritableByteChannel {
  private static final long CHUNK = 64L << 20;

  private final WritableByteChannel target;
  private final CRC32C crc = new CRC32C();
  private long bytes;

  ChecksumChannel(WritableByteChannel target) {
    this.target = target;
  }

  static long crcOf(MemorySegment memory) {
    CRC32C crc = new CRC32C();
    for (long at = 0; at < memory.byteSize(); at += CHUNK) {
      crc.update(memory.asSlice(at, Math.min(CHUNK, memory.byteSize() - at)).asByteBuffer());
    }
    return crc.getValue();
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    ByteBuffer view = source.duplicate();
    int count = target.write(source);
    crc.update(view.limit(view.position() + count));
    bytes += count;
    return count;
  }

  long crc() {
    return crc.getValue();
  }

  long bytes() {
    return bytes;
  }

  @Override
  public boolean isOpen() {
    return target.isOpen();
  }

  @Override
  public void close() throws IOException {
    target.close();
  }
}
