package io.lazytensor.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies of storages in host memory, so that training can go on while they are written. The memory
 * stays for the next time: fresh pages cost many times what the copying does.
 */
final class HostSnapshot implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final Map<CheckpointStorage, MemorySegment> copies = new IdentityHashMap<>();
  private @Nullable Arena arena;
  private MemorySegment memory = MemorySegment.NULL;

  /** Takes a copy of each, one after the other, in place of the copies before. */
  void take(List<CheckpointStorage> storages) {
    copies.clear();
    long total = 0;
    for (CheckpointStorage storage : storages) {
      total += aligned(storage.byteSize());
    }
    reserve(total);
    long at = 0;
    for (CheckpointStorage storage : storages) {
      MemorySegment copy = memory.asSlice(at, storage.byteSize());
      copy.copyFrom(storage.data());
      copies.put(storage, copy);
      at += aligned(storage.byteSize());
    }
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  @SuppressWarnings("MustBeClosedChecker") // close() closes it
  private void reserve(long bytes) {
    if (memory.byteSize() >= bytes) {
      return;
    }
    close();
    try {
      arena = Arena.ofShared();
      memory = arena.allocate(bytes, ALIGNMENT);
    } catch (OutOfMemoryError e) {
      throw new CheckpointException(
          "no memory for a copy of the %,d bytes to save. Use asynchronous(false), or allow more with"
                  .formatted(bytes)
              + " -XX:MaxDirectMemorySize",
          e);
    }
  }

  MemorySegment of(CheckpointStorage storage) {
    MemorySegment copy = copies.get(storage);
    if (copy == null) {
      throw new IllegalStateException("no copy was taken of " + storage);
    }
    return copy;
  }

  @Override
  public void close() {
    copies.clear();
    memory = MemorySegment.NULL;
    if (arena != null) {
      arena.close();
      arena = null;
    }
  }
}
