package io.lazytensor.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The storages of a zip archive by the persistent ids of its pickle. */
final class TorchStorages {
  private final ZipDirectory zip;
  private final boolean bigEndian;
  private final Map<String, CheckpointStorage> known = new HashMap<>();

  TorchStorages(ZipDirectory zip, boolean bigEndian) {
    this.zip = zip;
    this.bigEndian = bigEndian;
  }

  /** Returns the storage of a persistent id. */
  CheckpointStorage of(CheckpointValue value) {
    StorageId id = StorageId.of(value);
    CheckpointStorage before = known.get(id.key());
    if (before == null) {
      CheckpointStorage storage = create(id.key(), id.dtype(), id.location(), id.byteSize());
      known.put(id.key(), storage);
      return storage;
    }
    id.requireSame(before);
    return before;
  }

  private CheckpointStorage create(
      String key, Optional<TorchDType> dtype, String location, long bytes) {
    ZipRecord record =
        zip.find("data/" + key)
            .orElseThrow(() ->
                new CheckpointException("the archive has no record of storage \"" + key + "\""));
    if (record.size() != bytes) {
      throw new CheckpointException(
          "storage \"%s\" declares %d bytes, its record has %d"
              .formatted(key, bytes, record.size()));
    }
    MemorySegment data = zip.bytes(record);
    int unit = dtype.map(TorchDType::swapUnit).orElse(1);
    return new CheckpointStorage(
        dtype,
        bytes,
        location,
        bigEndian && dtype.isEmpty(),
        () -> bigEndian && unit > 1 ? swapped(data, unit) : data);
  }

  private static MemorySegment swapped(MemorySegment data, int unit) {
    MemorySegment out = Arena.ofAuto().allocate(data.byteSize(), Long.BYTES);
    for (long at = 0; at < data.byteSize(); at += unit) {
      for (int i = 0; i < unit; i++) {
        byte value = data.get(ValueLayout.JAVA_BYTE, at + unit - 1 - i);
        out.set(ValueLayout.JAVA_BYTE, at + i, value);
      }
    }
    return out;
  }
}
