package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.xla.runtime.MemoryUsage;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * One device of a client.
 *
 * @param api what to call
 * @param index its index among those of this process
 * @param address the plug-in's handle, owned by the client
 * @param id its number in all processes, as device assignments have it
 * @param description for people
 * @param ledger what we allocated there
 */
record PjrtDevice(PjrtApi api, int index, long address, int id, String description, Ledger ledger) {

  static PjrtDevice read(PjrtApi api, int index, long address) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment description = api.struct(scratch, Struct.DEVICE_GET_DESCRIPTION);
      description.set(JAVA_LONG, PjrtAbi.DeviceGetDescription.DEVICE, address);
      api.call(PjrtFunction.DEVICE_GET_DESCRIPTION, Struct.DEVICE_GET_DESCRIPTION, description);
      long handle = description.get(JAVA_LONG, PjrtAbi.DeviceGetDescription.DEVICE_DESCRIPTION);
      MemorySegment id = api.struct(scratch, Struct.DEVICE_DESCRIPTION_ID);
      id.set(JAVA_LONG, PjrtAbi.DeviceDescriptionId.DEVICE_DESCRIPTION, handle);
      api.call(PjrtFunction.DEVICE_DESCRIPTION_ID, Struct.DEVICE_DESCRIPTION_ID, id);
      return new PjrtDevice(
          api,
          index,
          address,
          id.get(JAVA_INT, PjrtAbi.DeviceDescriptionId.ID),
          kind(api, scratch, handle),
          new Ledger());
    }
  }

  private static String kind(PjrtApi api, Scratch scratch, long handle) {
    MemorySegment kind = api.struct(scratch, Struct.DEVICE_DESCRIPTION_KIND);
    kind.set(JAVA_LONG, PjrtAbi.DeviceDescriptionKind.DEVICE_DESCRIPTION, handle);
    boolean known =
        api.callOptional(
            PjrtFunction.DEVICE_DESCRIPTION_KIND, Struct.DEVICE_DESCRIPTION_KIND, kind);
    return known
        ? Native.text(
            kind.get(ADDRESS, PjrtAbi.DeviceDescriptionKind.DEVICE_KIND),
            kind.get(JAVA_LONG, PjrtAbi.DeviceDescriptionKind.DEVICE_KIND_SIZE))
        : "device";
  }

  private Optional<MemorySegment> stats(Scratch scratch) {
    MemorySegment stats = api.struct(scratch, Struct.DEVICE_MEMORY_STATS);
    stats.set(JAVA_LONG, PjrtAbi.DeviceMemoryStats.DEVICE, address);
    return api.callOptional(PjrtFunction.DEVICE_MEMORY_STATS, Struct.DEVICE_MEMORY_STATS, stats)
        ? Optional.of(stats)
        : Optional.empty();
  }

  /** Returns the device's memory, or -1 if the plug-in does not tell. */
  long memoryBytes() {
    try (Scratch scratch = Scratch.open()) {
      return stats(scratch)
          .filter(s -> s.get(JAVA_BYTE, PjrtAbi.DeviceMemoryStats.BYTES_LIMIT_IS_SET) != 0)
          .map(s -> s.get(JAVA_LONG, PjrtAbi.DeviceMemoryStats.BYTES_LIMIT))
          .orElse(-1L);
    }
  }

  /** Returns the plug-in's numbers where it has some, ours otherwise. */
  MemoryUsage usage() {
    MemoryUsage own = ledger.usage();
    try (Scratch scratch = Scratch.open()) {
      return stats(scratch)
          .map(s ->
              new MemoryUsage(
                  s.get(JAVA_LONG, PjrtAbi.DeviceMemoryStats.BYTES_IN_USE),
                  own.liveBuffers(),
                  s.get(JAVA_BYTE, PjrtAbi.DeviceMemoryStats.PEAK_BYTES_IN_USE_IS_SET) != 0
                      ? s.get(JAVA_LONG, PjrtAbi.DeviceMemoryStats.PEAK_BYTES_IN_USE)
                      : own.peakBytes()))
          .orElse(own);
    }
  }
}
