package io.lazytensor.xla.runtime;

/**
 * The ledger of a device.
 *
 * @param liveBytes bytes of buffers alive now
 * @param liveBuffers buffers alive now
 * @param peakBytes the most bytes ever alive at once
 */
public record MemoryUsage(long liveBytes, long liveBuffers, long peakBytes) {}
