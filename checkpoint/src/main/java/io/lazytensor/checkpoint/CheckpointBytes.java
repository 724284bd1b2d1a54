package io.lazytensor.checkpoint;

import java.util.Arrays;

/** Python {@code bytes}. */
public final class CheckpointBytes implements CheckpointValue {
  private final byte[] content;

  private CheckpointBytes(byte[] content) {
    this.content = content;
  }

  /** Returns a copy of these bytes as a value. */
  public static CheckpointBytes of(byte[] content) {
    return new CheckpointBytes(content.clone());
  }

  int size() {
    return content.length;
  }

  /** Returns a copy of the bytes. */
  public byte[] toArray() {
    return content.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CheckpointBytes bytes && Arrays.equals(content, bytes.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  @Override
  public String toString() {
    return "bytes of " + content.length;
  }
}
