package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.None;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what {@code torch.save} wrote before PyTorch 0.1.10: a tar archive of storages, tensors
 * over them, and the pickle of an object that names tensors by number.
 *
 * <p>Source: PyTorch 2.14 {@code torch/serialization.py} ({@code legacy_load}).
 */
final class TarReader {
  private final Map<Long, CheckpointValue> objects = new HashMap<>();

  private TarReader() {}

  static CheckpointValue read(MemorySegment file) {
    Map<String, MemorySegment> members = TarArchive.members(file);
    TarReader reader = new TarReader();
    reader.storages(stream(members, "storages"));
    reader.tensors(stream(members, "tensors"));
    PickleStream pickle = stream(members, "pickle");
    CheckpointValue tree = pickle.next(reader::object);
    pickle.requireEnd();
    TreeLimits.check(tree);
    return tree;
  }

  private static PickleStream stream(Map<String, MemorySegment> members, String name) {
    MemorySegment member = members.get(name);
    if (member == null) {
      throw new CheckpointException(
          "the tar archive has no member \"" + name + "\": torch.save did not write it");
    }
    return new PickleStream(member, "tar member \"" + name + "\"");
  }

  private void remember(long key, CheckpointValue object) {
    if (objects.putIfAbsent(key, object) != null) {
      throw new CheckpointException("two objects of the tar archive have the number " + key);
    }
  }

  private CheckpointStorage storage(CheckpointValue key) {
    return objects.get(key.asLong()) instanceof CheckpointStorage storage
        ? storage
        : missing("storage", key.asLong());
  }

  private static <T> T missing(String what, long key) {
    throw new CheckpointException("the tar archive has no " + what + " " + key);
  }

  private static List<CheckpointValue> parts(CheckpointValue value, int count, String what) {
    if (!(value instanceof Tuple(List<CheckpointValue> parts)) || parts.size() != count) {
      throw new CheckpointException("the tar archive has a malformed " + what);
    }
    return parts;
  }

  private static Global type(CheckpointValue value) {
    return value instanceof Global type ? type : Wrong.kind("class", value);
  }

  // ---- storages ---------------------------------------------------------------------------------

  private void storages(PickleStream in) {
    long count = in.next().asLong();
    for (long i = 0; i < count; i++) {
      List<CheckpointValue> parts = parts(in.next(), 3, "storage");
      Optional<TorchDType> dtype = StorageId.dtype(type(parts.get(2)));
      long elements = in.int64();
      StorageId.requireElements(Keys.show(parts.getFirst()), dtype, elements);
      long bytes = elements * dtype.map(TorchDType::byteSize).orElse(1);
      MemorySegment data = in.take(bytes);
      String location = parts.get(1).asText();
      remember(
          parts.getFirst().asLong(),
          new CheckpointStorage(dtype, bytes, location, false, () -> data));
    }
    for (CheckpointValue view : in.next().asList().items()) {
      List<CheckpointValue> parts = parts(view, 4, "view of a storage");
      CheckpointStorage whole = storage(parts.get(1));
      remember(
          parts.getFirst().asLong(), whole.window(parts.get(2).asLong(), parts.get(3).asLong()));
    }
    in.requireEnd();
  }

  // ---- tensors ----------------------------------------------------------------------------------

  private void tensors(PickleStream in) {
    long count = in.next().asLong();
    for (long i = 0; i < count; i++) {
      List<CheckpointValue> parts = parts(in.next(), 3, "tensor");
      Global type = type(parts.get(2));
      TorchDType dtype =
          TorchDType.ofTensorClass(type.name())
              .filter(_ -> type.module().equals("torch"))
              .orElseThrow(() -> new CheckpointException(type + " is no class of tensors"));
      remember(parts.getFirst().asLong(), tensor(in, dtype, parts.get(1)));
    }
    in.requireEnd();
  }

  private CheckpointTensor tensor(PickleStream in, TorchDType dtype, CheckpointValue storageKey) {
    int rank = in.int32();
    in.int32(); // the rank once took 8 bytes
    if (rank < 0 || rank > CheckpointTensor.MAX_RANK) {
      throw new CheckpointException("a tensor has " + rank + " dimensions");
    }
    long[] shape = longs(in, rank);
    long[] strides = longs(in, rank);
    long offset = in.int64();
    CheckpointStorage storage =
        storageKey instanceof None
            ? CheckpointStorage.of(dtype, MemorySegment.ofArray(new byte[0]))
            : storage(storageKey);
    // There were no tensors of rank 0 then, other than empty ones.
    boolean empty = rank == 0 && storage.byteSize() == 0;
    return empty
        ? CheckpointTensor.of(dtype, storage, 0)
        : Tensors.builder(storage, dtype, offset, shape, strides).build();
  }

  private static long[] longs(PickleStream in, int count) {
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      out[i] = in.int64();
    }
    return out;
  }

  // ---- the object -------------------------------------------------------------------------------

  private CheckpointValue object(CheckpointValue id) {
    if (id instanceof Tuple) {
      throw new CheckpointException(
          "the tar archive holds a whole module with its program, which is not run. In the"
              + " program that made it: torch.save(model.state_dict(), \"model.pt\")");
    }
    long key =
        id instanceof Text(String digits) && digits.matches("[0-9]{1,18}")
            ? Long.parseLong(digits)
            : id.asLong();
    CheckpointValue object = objects.get(key);
    return object == null ? missing("tensor", key) : object;
  }
}
