package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Finds where records of a text file begin and end: at line ends that are not within quotes. Blank
 * lines at the end are none; others are empty records.
 */
final class RecordScanner implements AutoCloseable {
  private static final int LONGEST = 64 << 20;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private enum Mode {
    FIELD_START,
    PLAIN,
    IN_QUOTES,
    AFTER_QUOTE
  }

  /** A record's bytes, without its line end. */
  record Found(long offset, long line, byte[] bytes) {}

  private final InputStream in;
  private final String file;
  private final boolean quoted;
  private final int separator;
  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream record = new ByteArrayOutputStream();
  private int at;
  private int filled;
  private long consumed;
  private long line = 1;
  private long blanks;
  private Found found = new Found(0, 0, new byte[0]);
  private Found held = found;
  private boolean holds;

  RecordScanner(InputStream in, String file, boolean quoted, char separator) throws IOException {
    this.in = in;
    this.file = file;
    this.quoted = quoted;
    this.separator = separator;
    fill();
    boolean marked = filled >= BYTE_ORDER_MARK.length;
    for (int i = 0; marked && i < BYTE_ORDER_MARK.length; i++) {
      marked = buffer[i] == BYTE_ORDER_MARK[i];
    }
    if (marked) {
      at = BYTE_ORDER_MARK.length;
      consumed = at;
    }
  }

  private void fill() throws IOException {
    at = 0;
    filled = in.readNBytes(buffer, 0, buffer.length);
  }

  private int read() throws IOException {
    if (at == filled) {
      fill();
      if (filled == 0) {
        return -1;
      }
    }
    consumed++;
    return buffer[at++] & 0xFF;
  }

  /** Returns the current record. */
  Found found() {
    return found;
  }

  /** Goes to the next record; returns whether there is one. */
  boolean advance() throws IOException {
    if (blanks > 0) {
      blanks--;
      found = new Found(found.offset, found.line + 1, found.bytes);
      return true;
    }
    if (holds) {
      holds = false;
      found = held;
      return true;
    }
    Found firstBlank = null;
    long seen = 0;
    while (scan()) {
      if (held.bytes.length > 0) {
        if (firstBlank == null) {
          found = held;
        } else {
          found = firstBlank;
          blanks = seen - 1;
          holds = true;
        }
        return true;
      }
      if (seen++ == 0) {
        firstBlank = held;
      }
    }
    return false;
  }

  /** Reads up to a line end outside of quotes. */
  private boolean scan() throws IOException {
    long offset = consumed;
    long first = line;
    Mode mode = Mode.FIELD_START;
    record.reset();
    int next = read();
    if (next < 0) {
      return false;
    }
    while (next >= 0 && (next != '\n' || mode == Mode.IN_QUOTES)) {
      if (next == '\n') {
        line++;
      }
      mode = after(mode, next);
      record.write(next);
      if (record.size() > LONGEST) {
        throw new DataException(
            "%s:%d has no end within 64 MiB: is it a text file, and are its quotes closed?"
                .formatted(file, first));
      }
      next = read();
    }
    line++;
    byte[] bytes = record.toByteArray();
    int length = bytes.length;
    if (length > 0 && bytes[length - 1] == '\r') {
      bytes = java.util.Arrays.copyOf(bytes, length - 1);
    }
    held = new Found(offset, first, bytes);
    return true;
  }

  private Mode after(Mode mode, int next) {
    boolean quote = quoted && next == '"';
    return switch (mode) {
      case FIELD_START -> quote ? Mode.IN_QUOTES : plain(next);
      case PLAIN -> plain(next);
      case IN_QUOTES -> quote ? Mode.AFTER_QUOTE : Mode.IN_QUOTES;
      case AFTER_QUOTE -> quote ? Mode.IN_QUOTES : plain(next);
    };
  }

  private Mode plain(int next) {
    return next == separator ? Mode.FIELD_START : Mode.PLAIN;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
