package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The storages of a file before zip: their ids come first, their data at the end. */
final class LegacyStorages {
  private static final int VIEW_PARTS = 3;

  /** A storage whose data is found later. */
  private static final class Slot {
    private MemorySegment data = MemorySegment.NULL;
    private boolean found;
  }

  private final Map<String, CheckpointStorage> known = new LinkedHashMap<>();
  private final Map<String, Slot> slots = new HashMap<>();
  private final Map<String, CheckpointStorage> views = new HashMap<>();

  /** Returns the storage of a persistent id, or the part of it the id is for. */
  CheckpointStorage of(CheckpointValue value) {
    StorageId id = StorageId.withView(value);
    CheckpointStorage storage = known.computeIfAbsent(id.key(), _ -> create(id));
    id.requireSame(storage);
    return id.view().isEmpty() ? storage : view(storage, id.view().get());
  }

  private CheckpointStorage create(StorageId id) {
    Slot slot = new Slot();
    slots.put(id.key(), slot);
    return new CheckpointStorage(id.dtype(), id.byteSize(), id.location(), false, () -> slot.data);
  }

  private CheckpointStorage view(CheckpointStorage storage, CheckpointValue value) {
    if (!(value instanceof Tuple(List<CheckpointValue> parts)) || parts.size() != VIEW_PARTS) {
      throw new CheckpointException("the pickle has a malformed view of a storage");
    }
    String key = parts.getFirst().asText();
    CheckpointStorage view = storage.window(parts.get(1).asLong(), parts.get(2).asLong());
    CheckpointStorage before = views.putIfAbsent(key, view);
    if (before == null) {
      return view;
    }
    if (!before.window().equals(view.window()) || before.byteSize() != view.byteSize()) {
      throw new CheckpointException("view \"" + key + "\" of a storage is declared twice");
    }
    return before;
  }

  /** Finds the data of a storage: a number of elements, and their bytes. */
  void locate(String key, PickleStream file) {
    CheckpointStorage storage = known.get(key);
    Slot slot = slots.get(key);
    if (storage == null || slot == null) {
      throw new CheckpointException(
          "the file has data of storage \"" + key + "\", which no tensor uses");
    }
    if (slot.found) {
      throw new CheckpointException("the file has the data of storage \"" + key + "\" twice");
    }
    long width = storage.dtype().map(TorchDType::byteSize).orElse(1);
    long elements = file.int64();
    if (elements != storage.byteSize() / width) {
      throw new CheckpointException(
          "storage \"%s\" declares %d elements, its data has %d"
              .formatted(key, storage.byteSize() / width, elements));
    }
    slot.data = file.take(storage.byteSize());
    slot.found = true;
  }

  /** Refuses storages without data: PyTorch would return whatever was in memory. */
  void requireAllLocated() {
    slots.forEach((key, slot) -> {
      if (!slot.found) {
        throw new CheckpointException("the file has no data of storage \"" + key + "\"");
      }
    });
  }
}
