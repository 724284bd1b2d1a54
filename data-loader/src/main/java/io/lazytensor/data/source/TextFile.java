package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * A text file of records, gzipped or plain.
 *
 * @param json whether each line is a JSON object
 * @param format how lines are divided otherwise
 */
record TextFile(Path path, boolean json, CsvFormat format) {
  private static final int GZIP_MAGIC = 0x1F8B;

  /** A scanner behind the header, and the parser for the records it finds. */
  record Opened(RecordScanner scanner, RowParser parser) {}

  Opened open() {
    try {
      RecordScanner scanner =
          new RecordScanner(
              unzipped(Files.newInputStream(path)),
              path.toString(),
              !json && format.quoted(),
              format.separator());
      try {
        return new Opened(scanner, parser(scanner));
      } catch (RuntimeException | IOException e) {
        scanner.close();
        throw e;
      }
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private RowParser parser(RecordScanner scanner) throws IOException {
    if (json) {
      return new JsonParser();
    }
    if (!format.columns().isEmpty()) {
      return CsvParser.of(format);
    }
    if (!scanner.advance()) {
      throw new DataException(path + " is empty; its first line must name the columns");
    }
    String where = where(scanner.found().line());
    return CsvParser.ofHeader(format, RowParser.decoded(scanner.found().bytes(), where), where);
  }

  /** Returns the columns of the header, or of the first object. */
  List<String> columns() {
    Opened opened = open();
    try (RecordScanner scanner = opened.scanner) {
      if (opened.parser instanceof CsvParser csv) {
        return csv.columns();
      }
      if (!scanner.advance()) {
        return List.of();
      }
      RecordScanner.Found first = scanner.found();
      return opened.parser.parse(first.bytes(), where(first.line())).columns();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Returns which of some columns the file lacks. */
  List<String> missing(List<String> wanted) {
    List<String> missing = new ArrayList<>(wanted);
    if (!wanted.isEmpty()) {
      missing.removeAll(columns());
    }
    return missing;
  }

  String where(long line) {
    return path + ":" + line;
  }

  boolean isZipped() {
    try (InputStream in = Files.newInputStream(path)) {
      return (in.read() << 8 | in.read()) == GZIP_MAGIC;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** Returns the bytes of a stream, unzipped if they are gzipped. */
  static InputStream unzipped(InputStream source) throws IOException {
    BufferedInputStream in = new BufferedInputStream(source, 1 << 16);
    in.mark(2);
    boolean zipped = (in.read() << 8 | in.read()) == GZIP_MAGIC;
    in.reset();
    return zipped ? new GZIPInputStream(in, 1 << 16) : in;
  }

  static DataException unreadable(Path path, IOException e) {
    String why = e instanceof NoSuchFileException ? "there is no such file" : e.toString();
    return new DataException("%s cannot be read: %s".formatted(path, why), e);
  }
}
