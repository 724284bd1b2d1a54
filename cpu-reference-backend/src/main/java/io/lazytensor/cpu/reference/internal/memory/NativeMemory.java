package io.lazytensor.cpu.reference.internal.memory;

import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All native memory of a backend, and the ledger of it. Freed blocks are kept for the next request
 * of the same size, so that a training step neither enters the allocator nor faults pages.
 */
public final class NativeMemory {
  /** Alignment of every block: a cache line, and the widest vector. */
  public static final int ALIGNMENT = 64;

  private static final long MAX_CACHED_BYTES = 256L << 20;
  private static final MethodHandle ALIGNED_ALLOC =
      link(
          "aligned_alloc",
          FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      link("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

  private final Map<Long, ArrayDeque<MemorySegment>> cache = new HashMap<>();
  private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
  private long cachedBytes;
  private long liveBytes;
  private long liveBuffers;
  private long peakBytes;

  /** One allocation. Not thread-safe; whoever holds it frees it once. */
  public static final class Block {
    private final MemorySegment segment;
    private final long bytes;

    private Block(MemorySegment segment, long bytes) {
      this.segment = segment;
      this.bytes = bytes;
    }

    /** Returns where it is. */
    public long address() {
      return segment.address();
    }

    /** Returns the memory. */
    public MemorySegment segment() {
      return segment;
    }
  }

  private static MethodHandle link(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  /** Allocates a block of at least the given size. Its content is undefined. */
  public synchronized Block allocate(long bytes) {
    long size = roundUp(Math.max(bytes, 1));
    ArrayDeque<MemorySegment> free = cache.get(size);
    MemorySegment segment = free == null ? null : free.poll();
    if (segment == null) {
      segment = allocateNative(size);
    } else {
      cachedBytes -= size;
    }
    liveBytes += size;
    peakBytes = Math.max(peakBytes, liveBytes);
    Block block = new Block(segment, size);
    live.add(block);
    return block;
  }

  /** Frees a block. */
  public synchronized void free(Block block) {
    if (!live.remove(block)) {
      throw new IllegalStateException("block freed twice");
    }
    liveBytes -= block.bytes;
    if (cachedBytes + block.bytes <= MAX_CACHED_BYTES) {
      cache.computeIfAbsent(block.bytes, _ -> new ArrayDeque<>()).push(block.segment);
      cachedBytes += block.bytes;
    } else {
      freeNative(block.segment);
    }
  }

  /** Counts device buffers: they are what users see. */
  public synchronized void countBuffers(int change) {
    liveBuffers += change;
  }

  /** Returns the ledger: bytes of buffers, constants and temporaries; buffers. */
  public synchronized MemoryUsage usage() {
    return new MemoryUsage(liveBytes, liveBuffers, peakBytes);
  }

  /** Frees everything and returns it to the system. */
  public synchronized void freeAll() {
    List.copyOf(live).forEach(this::free);
    liveBuffers = 0;
    cache.values().forEach(free -> free.forEach(NativeMemory::freeNative));
    cache.clear();
    cachedBytes = 0;
  }

  /** Rounds a size up to the alignment. */
  public static long roundUp(long bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private MemorySegment allocateNative(long size) {
    MemorySegment segment;
    try {
      segment = (MemorySegment) ALIGNED_ALLOC.invokeExact((long) ALIGNMENT, size);
    } catch (Throwable failure) {
      throw new IllegalStateException("aligned_alloc failed", failure);
    }
    if (segment.address() == 0) {
      throw new DeviceException(
          "out of memory: "
              + size
              + " bytes asked for, "
              + liveBytes
              + " bytes live in "
              + live.size()
              + " blocks of device cpu-reference; use a smaller batch or release buffers");
    }
    return segment.reinterpret(size);
  }

  private static void freeNative(MemorySegment segment) {
    try {
      FREE.invokeExact(segment);
    } catch (Throwable failure) {
      throw new IllegalStateException("free failed", failure);
    }
  }
}
