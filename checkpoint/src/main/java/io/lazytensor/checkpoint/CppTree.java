package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Bool;
import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Int;
import io.lazytensor.checkpoint.CheckpointValue.None;
import io.lazytensor.checkpoint.CheckpointValue.Real;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.math.BigInteger;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tree as libtorch's {@code torch::pickle_load} reads it; what it cannot read is refused by name.
 *
 * <p>Source: PyTorch 2.6 {@code torch/csrc/jit/serialization/unpickler.cpp}: it makes nothing of an
 * {@code OrderedDict}, has no integers above 64 bits, and knows few names.
 */
final class CppTree {
  private static final Set<Global> CALLS =
      Set.of(new Global("torch", "device"), Constructors.COMPLEX);

  private final Map<CheckpointValue, CheckpointValue> done = new IdentityHashMap<>();

  private CppTree() {}

  static CheckpointValue of(CheckpointValue tree) {
    TreeLimits.check(tree);
    return new CppTree().convert(tree);
  }

  private CheckpointValue convert(CheckpointValue value) {
    CheckpointValue known = done.get(value);
    if (known != null) {
      return known;
    }
    CheckpointValue converted =
        switch (value) {
          case CheckpointDict dict -> dict(dict);
          case CheckpointList list -> new CheckpointList(all(list.items()));
          case Tuple tuple -> new Tuple(all(tuple.items()));
          case CheckpointTensor tensor -> tensor(tensor);
          case Int(BigInteger number) when number.bitLength() >= Long.SIZE ->
              refuse("an int of more than 64 bits");
          case Call call when CALLS.contains(call.function()) -> call;
          case Call call -> refuse(call.function().toString());
          case Global global -> refuse(global.toString());
          case CheckpointBytes _ -> refuse("bytes");
          case CheckpointStorage _ -> refuse("a storage without a tensor");
          case Text _, Int _, Real _, Bool _, None _ -> value;
        };
    done.put(value, converted);
    return converted;
  }

  private List<CheckpointValue> all(List<CheckpointValue> values) {
    return values.stream().map(this::convert).toList();
  }

  private CheckpointDict dict(CheckpointDict dict) {
    if (!dict.isMapping()) {
      return refuse(dict.type().toString());
    }
    CheckpointDict plain = new CheckpointDict(false);
    dict.entries()
        .forEach((key, value) -> {
          switch (key) {
            case Text _, Int _, Real _, Bool _ -> plain.put(convert(key), convert(value));
            default -> refuse("a " + key.kind() + " as the key of a dict");
          }
        });
    return plain;
  }

  private static CheckpointTensor tensor(CheckpointTensor tensor) {
    if (tensor.storage().dtype().isEmpty()) {
      return refuse("a tensor of " + tensor.dtype());
    }
    return tensor.isParameter() ? tensor.asPlainTensor() : tensor;
  }

  private static <T> T refuse(String what) {
    throw new CheckpointException(
        "torch::pickle_load cannot read %s; TorchFlavor.PYTHON can be read from Python"
            .formatted(what));
  }
}
