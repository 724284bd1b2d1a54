package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** State dicts of this library as trees, and the other way round. */
final class StateDicts {
  private static final String BATCH_COUNT = "num_batches_tracked";

  private StateDicts() {}

  // ---- to a tree --------------------------------------------------------------------------------

  /**
   * Returns the {@code OrderedDict} PyTorch's {@code state_dict()} gives, with {@code _metadata}.
   * Data is fetched from the device when it is written.
   */
  static CheckpointDict tree(StateDict values) {
    CheckpointDict.Builder tree = CheckpointDict.orderedBuilder();
    put(values, tree);
    tree.attribute(CheckpointDict.METADATA, metadata(values));
    return tree.build();
  }

  /** Returns a plain dict of tensors. */
  static CheckpointDict plainTree(StateDict values) {
    CheckpointDict.Builder tree = CheckpointDict.builder();
    put(values, tree);
    return tree.build();
  }

  private static void put(StateDict values, CheckpointDict.Builder tree) {
    Map<StateDict.Entry, CheckpointStorage> shared = new IdentityHashMap<>();
    values
        .entries()
        .forEach((name, entry) -> {
          TorchDType dtype = torchType(name, entry.shape().dtype());
          CheckpointStorage storage =
              shared.computeIfAbsent(entry, key -> storage(dtype, entry.shape(), key));
          tree.put(name, CheckpointTensor.of(dtype, storage, entry.shape().dims().toLongArray()));
        });
  }

  private static TorchDType torchType(String name, DType dtype) {
    return TorchDType.of(dtype)
        .orElseThrow(() ->
            new CheckpointException(
                "\"%s\" is %s, which PyTorch has no type for".formatted(name, dtype)));
  }

  private static CheckpointStorage storage(
      TorchDType dtype, ArrayShape shape, StateDict.Entry entry) {
    return CheckpointStorage.of(
        dtype,
        shape.byteSize(),
        () -> {
          MemorySegment data = entry.data().get().data();
          return data.asSlice(0, shape.byteSize());
        });
  }

  /** Module versions as PyTorch writes them: 1, and 2 for batch normalization, which counts. */
  private static CheckpointDict metadata(StateDict values) {
    SequencedMap<String, Long> versions = new LinkedHashMap<>();
    versions.put("", 1L);
    for (String name : values.entries().keySet()) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        versions.putIfAbsent(name.substring(0, dot), 1L);
      }
      int last = name.lastIndexOf('.');
      if (name.substring(last + 1).equals(BATCH_COUNT)) {
        versions.put(last < 0 ? "" : name.substring(0, last), 2L);
      }
    }
    CheckpointDict.Builder metadata = CheckpointDict.orderedBuilder();
    versions.forEach((prefix, version) ->
        metadata.put(prefix, CheckpointDict.builder().put("version", version).build()));
    return metadata.build();
  }

  // ---- from a tree ------------------------------------------------------------------------------

  /** What makes two tensors the same memory seen the same way. */
  private record View(
      CheckpointStorage storage,
      TorchDType dtype,
      long offset,
      List<Long> shape,
      List<Long> strides) {}

  static StateDict stateDict(CheckpointValue tree) {
    if (!(tree instanceof CheckpointDict dict) || !isStateDict(dict)) {
      throw new CheckpointException(
          "the checkpoint is no state dict, which has tensors by name, but a %s. %s"
              .formatted(tree.kind(), hint(tree)));
    }
    Map<View, StateDict.Entry> shared = new HashMap<>();
    SequencedMap<String, StateDict.Entry> entries = new LinkedHashMap<>();
    dict.entries()
        .forEach((key, value) -> {
          String name = key.asText();
          CheckpointTensor tensor = value.asTensor();
          View view =
              new View(
                  tensor.storage(),
                  tensor.dtype(),
                  tensor.offset(),
                  tensor.shape(),
                  tensor.strides());
          entries.put(name, shared.computeIfAbsent(view, same -> entry(name, tensor)));
        });
    return new StateDict(entries);
  }

  private static boolean isStateDict(CheckpointDict dict) {
    return dict.entries().entrySet().stream()
        .allMatch(entry ->
            entry.getKey() instanceof Text && entry.getValue() instanceof CheckpointTensor);
  }

  private static String hint(CheckpointValue tree) {
    List<String> found = new ArrayList<>();
    if (tree instanceof CheckpointDict dict) {
      dict.entries()
          .forEach((key, value) -> {
            if (value instanceof CheckpointDict inner
                && !inner.entries().isEmpty()
                && isStateDict(inner)) {
              found.add("\"" + Keys.show(key) + "\"");
            }
          });
    }
    return found.isEmpty()
        ? "Pick one with Checkpoints.load(path)"
        : "It has some under %s: Checkpoints.stateDict(Checkpoints.load(path).asDict().get(%s))"
            .formatted(found, found.getFirst());
  }

  /** Returns a tensor whose data is read when it is asked for. */
  static StateDict.Entry entry(String name, CheckpointTensor tensor) {
    DType dtype =
        tensor
            .dtype()
            .dtype()
            .orElseThrow(() ->
                new CheckpointException(
                    "\"%s\" is %s, which this library cannot compute with"
                        .formatted(name, tensor.dtype())));
    int[] dims = new int[tensor.sizes().length];
    for (int i = 0; i < dims.length; i++) {
      if (tensor.sizes()[i] > Integer.MAX_VALUE) {
        throw new CheckpointException(
            "\"%s\" has a dimension of %d; at most 2^31 - 1 are supported"
                .formatted(name, tensor.sizes()[i]));
      }
      dims[i] = (int) tensor.sizes()[i];
    }
    ArrayShape shape = ArrayShape.of(dtype, dims);
    return new StateDict.Entry(shape, () -> new HostBuffer(shape, tensor.contiguous()));
  }
}
