package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.None;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The persistent id of a storage: {@code ('storage', class, key, location, elements)}.
 *
 * @param dtype the element type; empty for untyped storages
 * @param key the name of its data
 * @param location the device it was on
 * @param elements how many elements it has
 * @param view the sixth part, which only files before zip have: a part of the storage
 */
record StorageId(
    Optional<TorchDType> dtype,
    String key,
    String location,
    long elements,
    Optional<CheckpointValue> view) {
  private static final int PARTS = 5;
  private static final Pattern KEY = Pattern.compile("[0-9A-Za-z_-]{1,64}");

  /** Reads an id of a zip archive. */
  static StorageId of(CheckpointValue id) {
    return parse(id, PARTS);
  }

  /** Reads an id of a file before zip. */
  static StorageId withView(CheckpointValue id) {
    return parse(id, PARTS + 1);
  }

  private static StorageId parse(CheckpointValue id, int size) {
    if (!(id instanceof Tuple(List<CheckpointValue> parts))
        || parts.size() != size
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
    requireElements(key, dtype, elements);
    Optional<CheckpointValue> view =
        size == PARTS || parts.get(PARTS) instanceof None
            ? Optional.empty()
            : Optional.of(parts.get(PARTS));
    return new StorageId(dtype, key, location, elements, view);
  }

  /** Refuses a number of elements that no memory has. */
  static void requireElements(String key, Optional<TorchDType> dtype, long elements) {
    if (elements < 0 || elements > Long.MAX_VALUE / width(dtype)) {
      throw new CheckpointException("storage \"%s\" declares %d elements".formatted(key, elements));
    }
  }

  private static long width(Optional<TorchDType> dtype) {
    return dtype.map(TorchDType::byteSize).orElse(1);
  }

  /** Returns the element type of a class of storages. */
  static Optional<TorchDType> dtype(Global type) {
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

  /** Returns its size. */
  long byteSize() {
    return elements * width(dtype);
  }

  /** Refuses a storage that an earlier id described in another way. */
  void requireSame(CheckpointStorage before) {
    if (!before.dtype().equals(dtype) || before.byteSize() != byteSize()) {
      throw new CheckpointException(
          "storage \"" + key + "\" is declared twice, with other type or size");
    }
  }
}
