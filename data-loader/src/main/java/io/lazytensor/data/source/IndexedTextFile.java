package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Dataset;
import io.lazytensor.data.Fingerprint;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Arrays;

/**
 * Records of a text file in any order. The file is scanned once for where records begin and mapped;
 * a gzipped one is unpacked into memory.
 */
final class IndexedTextFile implements Dataset<DataRow> {
  private static final int LARGEST_UNZIPPED = Integer.MAX_VALUE - 8;

  private final TextFile file;
  private final RowParser parser;
  private final MemorySegment content;
  private final long[] offsets;
  private final int[] lengths;
  private final int[] lines;
  private final String fingerprint;

  private IndexedTextFile(
      TextFile file,
      RowParser parser,
      MemorySegment content,
      long[] offsets,
      int[] lengths,
      int[] lines) {
    this.file = file;
    this.parser = parser;
    this.content = content;
    this.offsets = offsets;
    this.lengths = lengths;
    this.lines = lines;
    this.fingerprint = Fingerprint.of("text").add(parser.describe()).add(content).toString();
  }

  static IndexedTextFile open(TextFile file) {
    TextFile.Opened opened = file.open();
    try (RecordScanner scanner = opened.scanner()) {
      long[] offsets = new long[1 << 10];
      int[] lengths = new int[offsets.length];
      int[] lines = new int[offsets.length];
      int count = 0;
      while (scanner.advance()) {
        if (count == offsets.length) {
          int larger = Math.max(count + 1, (int) Math.min(count * 2L, Integer.MAX_VALUE - 8));
          offsets = Arrays.copyOf(offsets, larger);
          lengths = Arrays.copyOf(lengths, larger);
          lines = Arrays.copyOf(lines, larger);
        }
        RecordScanner.Found found = scanner.found();
        offsets[count] = found.offset();
        lengths[count] = found.bytes().length;
        lines[count++] = Math.toIntExact(found.line());
      }
      return new IndexedTextFile(
          file,
          opened.parser(),
          content(file),
          Arrays.copyOf(offsets, count),
          Arrays.copyOf(lengths, count),
          Arrays.copyOf(lines, count));
    } catch (IOException e) {
      throw TextFile.unreadable(file.path(), e);
    } catch (ArithmeticException | OutOfMemoryError e) {
      throw new DataException(
          file.path() + " is too large to be read in any order; read it as a stream", e);
    }
  }

  private static MemorySegment content(TextFile file) throws IOException {
    if (file.isZipped()) {
      try (InputStream in = TextFile.unzipped(Files.newInputStream(file.path()))) {
        byte[] bytes = in.readNBytes(LARGEST_UNZIPPED);
        if (in.read() >= 0) {
          throw new DataException(
              file.path() + " unpacks to more than 2 GiB; unpack it first, or read it as a stream");
        }
        return MemorySegment.ofArray(bytes);
      }
    }
    try (FileChannel channel = FileChannel.open(file.path())) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }

  @Override
  public long size() {
    return offsets.length;
  }

  @Override
  public DataRow get(long index) {
    int at = checked(index);
    byte[] bytes = new byte[lengths[at]];
    try {
      MemorySegment.copy(content, ValueLayout.JAVA_BYTE, offsets[at], bytes, 0, bytes.length);
    } catch (InternalError e) {
      // The page behind the mapping is gone: someone truncated the file.
      throw new DataException(describe(index) + ": the file became shorter while it was read", e);
    }
    return parser.parse(bytes, describe(index));
  }

  private int checked(long index) {
    if (index < 0 || index >= offsets.length) {
      throw new DataException(
          "record %d is out of range: %s has %d".formatted(index, file.path(), offsets.length));
    }
    return (int) index;
  }

  @Override
  public String describe(long index) {
    return file.where(lines[checked(index)]);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }
}
