package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Bool;
import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names a pickle may contain and what each becomes here. Every other name is refused.
 *
 * <p>Source: PyTorch 2.14 {@code torch/_weights_only_unpickler.py}: what {@code weights_only=True}
 * accepts, but for legacy tensor classes, NumPy arrays and tensor subclasses.
 */
final class Constructors {
  static final Global ORDERED_DICT = new Global("collections", "OrderedDict");
  static final Global COUNTER = new Global("collections", "Counter");
  static final Global ENCODE = new Global("_codecs", "encode");
  static final Global SET = new Global("builtins", "set");
  static final Global TENSOR_V1 = new Global("torch._utils", "_rebuild_tensor");
  static final Global TENSOR_V2 = new Global("torch._utils", "_rebuild_tensor_v2");
  static final Global TENSOR_V3 = new Global("torch._utils", "_rebuild_tensor_v3");
  static final Global QUANTIZED = new Global("torch._utils", "_rebuild_qtensor");
  static final Global PARAMETER = new Global("torch._utils", "_rebuild_parameter");
  static final Global UNTYPED_STORAGE = new Global("torch.storage", "UntypedStorage");

  private static final Global PARAMETER_WITH_STATE =
      new Global("torch._utils", "_rebuild_parameter_with_state");
  private static final Global DEVICE_TENSOR =
      new Global("torch._utils", "_rebuild_device_tensor_from_cpu_tensor");
  private static final Global FROM_TYPE = new Global("torch._tensor", "_rebuild_from_type_v2");

  /** What stays a call here: how many arguments it takes. */
  private record Arity(int least, int most) {}

  private static final Map<Global, Arity> INERT =
      Map.ofEntries(
          Map.entry(COUNTER, new Arity(0, 1)),
          Map.entry(SET, new Arity(0, 1)),
          Map.entry(new Global("builtins", "complex"), new Arity(2, 2)),
          Map.entry(new Global("builtins", "bytearray"), new Arity(0, 1)),
          Map.entry(new Global("builtins", "bytes"), new Arity(0, 0)),
          Map.entry(new Global("torch", "Size"), new Arity(1, 1)),
          Map.entry(new Global("torch", "device"), new Arity(1, 2)),
          Map.entry(new Global("torch.serialization", "_get_layout"), new Arity(1, 1)),
          Map.entry(new Global("torch._utils", "_rebuild_meta_tensor_no_storage"), new Arity(4, 4)),
          Map.entry(new Global("torch._utils", "_rebuild_sparse_tensor"), new Arity(2, 2)),
          Map.entry(new Global("torch._utils", "_rebuild_nested_tensor"), new Arity(4, 4)));

  private static final Set<Global> REBUILT =
      Set.of(
          ORDERED_DICT,
          ENCODE,
          TENSOR_V1,
          TENSOR_V2,
          TENSOR_V3,
          QUANTIZED,
          PARAMETER,
          PARAMETER_WITH_STATE,
          DEVICE_TENSOR,
          FROM_TYPE);

  private static final Set<Global> NAMES =
      Set.of(
          UNTYPED_STORAGE,
          new Global("torch", "Tensor"),
          new Global("torch.nn.parameter", "Parameter"),
          new Global("torch", "per_tensor_affine"),
          new Global("torch", "per_tensor_symmetric"),
          new Global("torch", "per_channel_affine"),
          new Global("torch", "per_channel_symmetric"),
          new Global("torch", "per_channel_affine_float_qparams"));

  private Constructors() {}

  /** Returns the named object, if it may occur. */
  static Global global(String module, String name) {
    String modern = module.equals("__builtin__") ? "builtins" : module;
    if (modern.equals("torch.cuda") && TorchDType.ofStorageClass(name).isPresent()) {
      return new Global("torch", name);
    }
    Global global = new Global(modern, name);
    boolean known =
        INERT.containsKey(global)
            || REBUILT.contains(global)
            || NAMES.contains(global)
            || (modern.equals("torch")
                && (TorchDType.ofStorageClass(name).isPresent()
                    || TorchDType.ofTorchName(name).isPresent()));
    if (!known) {
      throw new CheckpointException(
          "the pickle refers to %s, which is not on the list of names a checkpoint may contain."
                  .formatted(global)
              + " Nothing was run. Save a state dict of tensors, numbers and strings instead");
    }
    return global;
  }

  /** Returns what a call makes. */
  static CheckpointValue call(Global function, Tuple arguments) {
    List<CheckpointValue> given = arguments.items();
    Arity arity = INERT.get(function);
    if (arity != null) {
      requireArity(function, given, arity.least(), arity.most());
      if (function.equals(SET) && !given.isEmpty()) {
        given.getFirst().asList().items().forEach(Keys::require);
      }
      return new Call(function, arguments);
    }
    if (!REBUILT.contains(function)) {
      throw new CheckpointException("the pickle calls " + function + ", which is no function");
    }
    return switch (function.name()) {
      case "OrderedDict" -> orderedDict(given);
      case "encode" -> bytes(given);
      case "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_qtensor" ->
          Tensors.rebuild(function, given);
      case "_rebuild_parameter" -> parameter(function, given, 3);
      case "_rebuild_parameter_with_state" -> parameter(function, given, 4);
      case "_rebuild_device_tensor_from_cpu_tensor" -> {
        requireArity(function, given, 4, 4);
        yield given.getFirst().asTensor();
      }
      default -> fromType(function, given);
    };
  }

  static void requireArity(Global function, List<CheckpointValue> given, int least, int most) {
    if (given.size() < least || given.size() > most) {
      throw new CheckpointException(
          "the pickle calls %s with %d arguments".formatted(function, given.size()));
    }
  }

  private static CheckpointDict orderedDict(List<CheckpointValue> given) {
    requireArity(ORDERED_DICT, given, 0, 1);
    CheckpointDict dict = new CheckpointDict(true);
    if (!given.isEmpty()) {
      for (CheckpointValue pair : given.getFirst().asList().items()) {
        List<CheckpointValue> both =
            pair instanceof Tuple tuple ? tuple.items() : pair.asList().items();
        requireArity(ORDERED_DICT, both, 2, 2);
        Keys.require(both.getFirst());
        dict.put(both.getFirst(), both.getLast());
      }
    }
    return dict;
  }

  /** Protocol 2 has no bytes: they are text of one character a byte, to be encoded. */
  private static CheckpointBytes bytes(List<CheckpointValue> given) {
    requireArity(ENCODE, given, 2, 2);
    if (!(given.get(1) instanceof Text(String codec)) || !codec.equals("latin1")) {
      throw new CheckpointException("the pickle encodes text other than as latin1");
    }
    String text = given.getFirst().asText();
    if (text.chars().anyMatch(c -> c > 0xff)) {
      throw new CheckpointException("the pickle has bytes above 255");
    }
    return CheckpointBytes.of(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static CheckpointTensor parameter(
      Global function, List<CheckpointValue> given, int arity) {
    requireArity(function, given, arity, arity);
    if (!(given.get(1) instanceof Bool(boolean requiresGrad))) {
      return Wrong.kind("bool", given.get(1));
    }
    return given.getFirst().asTensor().asParameter(requiresGrad);
  }

  /** A tensor on which a program set Python attributes; they are left out. */
  private static CheckpointValue fromType(Global function, List<CheckpointValue> given) {
    requireArity(function, given, 4, 4);
    if (!(given.getFirst() instanceof Global rebuild)
        || !(given.get(2) instanceof Tuple arguments)
        || rebuild.equals(FROM_TYPE)
        || !rebuild.module().equals("torch._utils")) {
      throw new CheckpointException("the pickle has an odd call of " + function);
    }
    return call(rebuild, arguments);
  }
}
