package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tensors that a file of PyTorch/XLA's serialization refers to: {@code path} has a number in
 * the place of each tensor, {@code path.tensors/tensor_<number>.pt} the tensor.
 *
 * <p>Source: pytorch/xla {@code torch_xla/utils/serialization.py}.
 */
final class XserTensors {
  private static final Global REFERENCE =
      new Global("torch_xla.utils.serialization", "TensorReference");

  /** For a file whose path is not known, or that must not refer to others. */
  static final XserTensors NONE = new XserTensors(Optional.empty(), "");

  private final Optional<FolderFiles> parent;
  private final String folder;
  private final Map<Long, CheckpointTensor> tensors = new HashMap<>();
  private final Map<CheckpointValue, CheckpointValue> replaced = new IdentityHashMap<>();

  private XserTensors(Optional<FolderFiles> parent, String folder) {
    this.parent = parent;
    this.folder = folder;
  }

  /** Returns the tensors of a file in a folder. */
  static XserTensors of(FolderFiles parent, String file) {
    return new XserTensors(Optional.of(parent), file + ".tensors");
  }

  /** Returns the names in such a file: what all have, and one class. */
  static PickleClasses names() {
    return new PickleClasses(Set.of(REFERENCE), Set.of());
  }

  /** Returns the tree with tensors in the place of references. */
  CheckpointValue resolve(CheckpointValue value) {
    return switch (value) {
      case CheckpointDict dict when dict.type().equals(REFERENCE) -> tensor(number(dict));
      case Call call when call.arguments().items().isEmpty() -> call;
      case Call call -> new Call(call.function(), (Tuple) resolve(call.arguments()));
      case Tuple tuple -> new Tuple(resolve(tuple.items()));
      case CheckpointList list -> once(list, () -> new CheckpointList(resolve(list.items())));
      case CheckpointDict dict -> once(dict, () -> resolve(dict));
      default -> value;
    };
  }

  private interface Replacement {
    CheckpointValue make();
  }

  /** What the file has once the tree has once. */
  private CheckpointValue once(CheckpointValue value, Replacement replacement) {
    CheckpointValue known = replaced.get(value);
    if (known == null) {
      known = replacement.make();
      replaced.put(value, known);
    }
    return known;
  }

  private List<CheckpointValue> resolve(List<CheckpointValue> items) {
    return items.stream().map(this::resolve).toList();
  }

  private CheckpointDict resolve(CheckpointDict dict) {
    CheckpointDict out = new CheckpointDict(dict.type());
    dict.entries()
        .forEach((key, value) -> {
          Keys.require(key);
          out.put(key, resolve(value));
        });
    Map<CheckpointValue, CheckpointValue> attributes = new LinkedHashMap<>();
    dict.attributes().forEach((key, value) -> attributes.put(key, resolve(value)));
    out.putAttributes(attributes);
    return out;
  }

  private static long number(CheckpointDict reference) {
    long number = reference.get("tid").asLong();
    if (number < 0) {
      throw new CheckpointException("the file refers to tensor " + number);
    }
    return number;
  }

  private CheckpointTensor tensor(long number) {
    CheckpointTensor known = tensors.get(number);
    if (known == null) {
      known = open(number);
      tensors.put(number, known);
    }
    return known;
  }

  private CheckpointTensor open(long number) {
    if (parent.isEmpty() || !parent.get().has(folder)) {
      throw new CheckpointException(
          "the file has none of its tensors, which PyTorch/XLA saved in the folder %s beside it"
              .formatted(folder.isEmpty() ? "\"<file>.tensors\"" : "\"" + folder + "\""));
    }
    String name = "tensor_" + number + ".pt";
    try {
      return files().read(name, file -> Checkpoints.parse(file).tree().asTensor());
    } catch (CheckpointException e) {
      throw new CheckpointException(folder + ": " + e.getMessage(), e);
    }
  }

  /** Compares each tensor's file with its checksums; returns how many were compared. */
  int verify() {
    int compared = 0;
    for (long number : tensors.keySet()) {
      compared += files().read("tensor_" + number + ".pt", Checkpoints::verify);
    }
    return compared;
  }

  private FolderFiles files() {
    return parent.orElseThrow().folder(folder);
  }
}
