package io.lazytensor.trainer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of scalars TensorBoard shows: records of length, masked CRC-32C, an {@code Event} message
 * and its masked CRC-32C. Source: TensorFlow's {@code record_writer.cc}, {@code event.proto} and
 * {@code summary.proto}.
 */
public final class EventFile implements AutoCloseable {
  private static final int MASK = 0xa282ead8;

  /** Field numbers of the messages, and their wire types. */
  private static final int EVENT_WALL_TIME = 1 << 3 | 1;

  private static final int EVENT_STEP = 2 << 3;
  private static final int EVENT_VERSION = 3 << 3 | 2;
  private static final int EVENT_SUMMARY = 5 << 3 | 2;
  private static final int SUMMARY_VALUE = 1 << 3 | 2;
  private static final int VALUE_TAG = 1 << 3 | 2;
  private static final int VALUE_SIMPLE = 2 << 3 | 5;

  private final OutputStream file;

  /**
   * Starts a new file {@code events.out.tfevents.<seconds>.lazytensor} in a folder.
   *
   * @param seconds since 1970, part of the name
   * @throws IOException if the file exists or cannot be written
   */
  public EventFile(Path folder, long seconds) throws IOException {
    Files.createDirectories(folder);
    Path path = folder.resolve("events.out.tfevents.%010d.lazytensor".formatted(seconds));
    file = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    fixed64(event, EVENT_WALL_TIME, Double.doubleToRawLongBits(seconds));
    bytes(event, EVENT_VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
    record(event.toByteArray());
  }

  /**
   * Adds scalars of a step.
   *
   * @param wallTime seconds since 1970
   * @throws IOException if the file cannot be written
   */
  public void scalars(double wallTime, long step, Map<String, Double> values) throws IOException {
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    values.forEach((tag, number) -> {
      ByteArrayOutputStream value = new ByteArrayOutputStream();
      bytes(value, VALUE_TAG, tag.getBytes(StandardCharsets.UTF_8));
      value.write(VALUE_SIMPLE);
      little(value, Float.floatToRawIntBits(number.floatValue()), Integer.BYTES);
      bytes(summary, SUMMARY_VALUE, value.toByteArray());
    });
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    fixed64(event, EVENT_WALL_TIME, Double.doubleToRawLongBits(wallTime));
    event.write(EVENT_STEP);
    varint(event, step);
    bytes(event, EVENT_SUMMARY, summary.toByteArray());
    record(event.toByteArray());
  }

  private void record(byte[] event) throws IOException {
    byte[] length =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(event.length)
            .array();
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    record.writeBytes(length);
    little(record, masked(length), Integer.BYTES);
    record.writeBytes(event);
    little(record, masked(event), Integer.BYTES);
    file.write(record.toByteArray());
    file.flush();
  }

  private static int masked(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    int value = (int) crc.getValue();
    return Integer.rotateRight(value, 15) + MASK;
  }

  private static void fixed64(ByteArrayOutputStream out, int tag, long value) {
    out.write(tag);
    little(out, value, Long.BYTES);
  }

  private static void bytes(ByteArrayOutputStream out, int tag, byte[] value) {
    out.write(tag);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void little(ByteArrayOutputStream out, long value, int count) {
    for (int i = 0; i < count; i++) {
      out.write((int) (value >>> (8 * i)));
    }
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
