package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The storages of a zip archive by the persistent ids of its pickle. */
final class TorchStorages {
  private static final int ID_SIZE = 5;
  private static final Pattern KEY = Pattern.compile("[0-9A-Za-z_-]{1,64}");

  private final ZipDirectory zip;
  private final boolean bigEndian;
  private final Map<String, CheckpointStorage> known = new HashMap<>();

  TorchStorages(ZipDirectory zip, boolean bigEndian) {
    this.zip = zip;
    this.bigEndian = bigEndian;
  }

  /** Returns the storage of {@code ('storage', class, key, location, elements)}. */
  CheckpointStorage of(CheckpointValue id) {
    if (!(id instanceof Tuple(List<CheckpointValue> parts))
        || parts.size() != ID_SIZE
        || !(parts.getFirst() instanceof Text(String word))
        || !word.equals("storage")
        || !(parts.get(1) instanceof Global type)) {
      throw new CheckpointException("the pickle has a malformed storage id");
    }
    Optional<TorchDType> dtype = dtype(type);
    String key = parts.get(2).asText();
    String location = parts.get(3).asText();
    long elements = parts.get(4).asLong();
    if (!KEY.matcher(key).matches()) {
      throw new CheckpointException("the pickle has a storage key that is no plain name");
    }
    long width = dtype.map(TorchDType::byteSize).orElse(1);
    if (elements < 0 || elements > Long.MAX_VALUE / width) {
      throw new CheckpointException("storage \"%s\" declares %d elements".formatted(key, elements));
    }
    CheckpointStorage before = known.get(key);
    if (before == null) {
      CheckpointStorage storage = create(key, dtype, location, elements * width);
      known.put(key, storage);
      return storage;
    }
    if (!before.dtype().equals(dtype) || before.byteSize() != elements * width) {
      throw new CheckpointException(
          "storage \"" + key + "\" is declared twice, with other type or size");
    }
    return before;
  }

  private static Optional<TorchDType> dtype(Global type) {
    if (type.equals(Constructors.UNTYPED_STORAGE)) {
      return Optional.empty();
    }
    Optional<TorchDType> dtype =
        type.module().equals("torch") ? TorchDType.ofStorageClass(type.name()) : Optional.empty();
    if (dtype.isEmpty()) {
      throw new CheckpointException(type + " is no class of storages");
    }
    return dtype;
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
