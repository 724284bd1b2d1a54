package io.lazytensor.data;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Sums up data in a few characters that tell other data apart; for {@link Dataset#fingerprint}. It
 * protects from mistakes, not from forgery.
 */
public final class Fingerprint {
  private static final int CHUNK = 1 << 26;

  private final String kind;
  private long state;

  private Fingerprint(String kind) {
    this.kind = kind;
  }

  /** Begins a fingerprint of data of this kind: {@code csv}, {@code list}. */
  public static Fingerprint of(String kind) {
    return new Fingerprint(kind);
  }

  /** Adds a number. */
  public Fingerprint add(long value) {
    state = Mix.hash(state, value);
    return this;
  }

  /** Adds a text. */
  public Fingerprint add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds bytes. */
  public Fingerprint add(byte[] bytes) {
    return add(MemorySegment.ofArray(bytes));
  }

  /** Adds the bytes of a segment. */
  public Fingerprint add(MemorySegment bytes) {
    CRC32C sum = new CRC32C();
    MemorySegment direct =
        bytes.heapBase().isPresent() && !(bytes.heapBase().get() instanceof byte[])
            ? MemorySegment.ofArray(bytes.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
            : bytes;
    for (long at = 0; at < direct.byteSize(); at += CHUNK) {
      sum.update(direct.asSlice(at, Math.min(CHUNK, direct.byteSize() - at)).asByteBuffer());
    }
    return add(bytes.byteSize()).add(sum.getValue());
  }

  /** Returns the fingerprint, such as {@code csv:91b2f0c4a7e8d013}. */
  @Override
  public String toString() {
    return kind + ":" + HexFormat.of().toHexDigits(state);
  }
}
