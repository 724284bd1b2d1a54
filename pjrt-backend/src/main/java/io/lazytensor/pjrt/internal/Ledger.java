package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.runtime.MemoryUsage;

/** Counts the buffers of one device. */
final class Ledger {
  private long bytes;
  private long buffers;
  private long peak;

  synchronized void add(long size) {
    bytes += size;
    buffers++;
    peak = Math.max(peak, bytes);
  }

  synchronized void remove(long size) {
    bytes -= size;
    buffers--;
  }

  synchronized MemoryUsage usage() {
    return new MemoryUsage(bytes, buffers, peak);
  }
}
