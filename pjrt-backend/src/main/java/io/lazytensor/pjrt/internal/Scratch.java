package io.lazytensor.pjrt.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the arguments of one call, taken from a slab of the thread and given back at
 * once. Calls nest. What does not fit comes from an arena of its own.
 */
final class Scratch implements AutoCloseable {
  private static final long SLAB_BYTES = 16 << 10;
  private static final long MAX_STAGING = 32L << 20;

  private static final class Slab {
    final MemorySegment memory = Arena.ofAuto().allocate(SLAB_BYTES, 64);
    MemorySegment staging = MemorySegment.NULL;
    boolean stagingInUse;
    long top;
  }

  private static final ThreadLocal<Slab> SLABS = ThreadLocal.withInitial(Slab::new);

  private final Slab slab;
  private final long mark;
  private boolean staging;
  private @Nullable Arena overflow;

  private Scratch(Slab slab) {
    this.slab = slab;
    this.mark = slab.top;
  }

  /** Opens a frame on this thread's slab. */
  static Scratch open() {
    return new Scratch(SLABS.get());
  }

  /** Returns zeroed memory, aligned to 8 bytes. */
  MemorySegment allocate(long bytes) {
    long size = (bytes + 7) & -8;
    if (size > SLAB_BYTES - slab.top) {
      return overflow().allocate(Math.max(size, 8), 64);
    }
    MemorySegment out = slab.memory.asSlice(slab.top, size);
    slab.top += size;
    return out.fill((byte) 0);
  }

  @SuppressWarnings("MustBeClosedChecker") // close() closes it
  private Arena overflow() {
    if (overflow == null) {
      overflow = Arena.ofConfined();
    }
    return overflow;
  }

  /** Returns a copy of bytes. */
  MemorySegment bytes(byte[] content) {
    MemorySegment out = allocate(content.length);
    MemorySegment.copy(content, 0, out, ValueLayout.JAVA_BYTE, 0, content.length);
    return out;
  }

  /** Returns UTF-8 without an end mark. */
  MemorySegment text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns memory with whatever content for an array on its way, aligned to 64 bytes. */
  MemorySegment staging(long bytes) {
    long size = Math.max(bytes, 1);
    if (slab.stagingInUse || size > MAX_STAGING) {
      return overflow().allocate(size, 64);
    }
    if (slab.staging.byteSize() < size) {
      slab.staging = Arena.ofAuto().allocate(Math.max(size, 4096), 64);
    }
    slab.stagingInUse = true;
    staging = true;
    return slab.staging.asSlice(0, size);
  }

  @Override
  public void close() {
    slab.top = mark;
    if (staging) {
      slab.stagingInUse = false;
    }
    if (overflow != null) {
      overflow.close();
    }
  }
}
