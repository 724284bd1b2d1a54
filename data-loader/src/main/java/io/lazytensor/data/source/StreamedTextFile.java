package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Fingerprint;
import io.lazytensor.data.StreamDataset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Records of a text file in their order. */
record StreamedTextFile(TextFile file, String fingerprint) implements StreamDataset<DataRow> {
  private static final int SAMPLE = 1 << 20;

  static StreamedTextFile open(TextFile file) {
    return new StreamedTextFile(file, fingerprint(file.path(), file.toString()));
  }

  /** Sums up size, first and last bytes: the whole of a large file takes too long. */
  static String fingerprint(Path path, String meaning) {
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      Fingerprint out = Fingerprint.of("stream").add(meaning).add(size);
      for (long from : new long[] {0, Math.max(0, size - SAMPLE)}) {
        ByteBuffer part = ByteBuffer.allocate((int) Math.min(SAMPLE, size - from));
        while (part.hasRemaining() && channel.read(part, from + part.position()) >= 0) {
          // one call may read less than asked for
        }
        out.add(part.array());
      }
      return out.toString();
    } catch (IOException e) {
      throw TextFile.unreadable(path, e);
    }
  }

  @Override
  public RecordStream<DataRow> open(long fromRecord) {
    TextFile.Opened opened = file.open();
    Records records = new Records(opened);
    try {
      long left = fromRecord;
      while (left > 0 && records.advance()) {
        left--;
      }
      return records;
    } catch (RuntimeException e) {
      records.close();
      throw e;
    }
  }

  private final class Records implements RecordStream<DataRow> {
    private final RecordScanner scanner;
    private final RowParser parser;

    Records(TextFile.Opened opened) {
      this.scanner = opened.scanner();
      this.parser = opened.parser();
    }

    @Override
    public boolean advance() {
      try {
        return scanner.advance();
      } catch (IOException e) {
        throw new DataException(
            "%s, after line %d: reading failed: %s"
                .formatted(file.path(), scanner.found().line(), e),
            e);
      }
    }

    @Override
    public Entry<DataRow> entry() {
      byte[] bytes = scanner.found().bytes();
      String where = describe();
      return _ -> parser.parse(bytes, where);
    }

    @Override
    public String describe() {
      return file.where(scanner.found().line());
    }

    @Override
    public void close() {
      try {
        scanner.close();
      } catch (IOException e) {
        throw TextFile.unreadable(file.path(), e);
      }
    }
  }
}
