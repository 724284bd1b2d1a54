package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Bool;
import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.None;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The names a pickle may contain and what each becomes here. Every other name is refused.
 *
 * <p>Source: PyTorch 2.14 {@code torch/_weights_only_unpickler.py}: what {@code weights_only=True}
 * accepts, but for tensor subclasses. Besides, what training programs keep next to their tensors:
 * NumPy's scalars and arrays, {@code argparse.Namespace}, paths, {@code defaultdict}, {@code
 * frozenset}, {@code range} and {@code slice}. In Python they take a flag, since there a name is
 * imported and called; here each only chooses which inert value is built, so they take none.
 */
final class Constructors {
  /** The list for checkpoints of {@code torch.save}. */
  static final PickleNames LIST = new Listed();

  static final Global ORDERED_DICT = CheckpointDict.ORDERED_DICT;
  static final Global COUNTER = new Global("collections", "Counter");
  static final Global ENCODE = new Global("_codecs", "encode");
  static final Global SET = new Global("builtins", "set");
  static final Global BYTES = new Global("builtins", "bytes");
  static final Global COMPLEX = new Global("builtins", "complex");
  static final Global TENSOR_V1 = new Global("torch._utils", "_rebuild_tensor");
  static final Global TENSOR_V2 = new Global("torch._utils", "_rebuild_tensor_v2");
  static final Global TENSOR_V3 = new Global("torch._utils", "_rebuild_tensor_v3");
  static final Global QUANTIZED = new Global("torch._utils", "_rebuild_qtensor");
  static final Global PARAMETER = new Global("torch._utils", "_rebuild_parameter");
  static final Global UNTYPED_STORAGE = new Global("torch.storage", "UntypedStorage");

  private static final Global FROZEN_SET = new Global("builtins", "frozenset");
  private static final Global NAMESPACE = new Global("argparse", "Namespace");
  private static final Global PARAMETER_WITH_STATE =
      new Global("torch._utils", "_rebuild_parameter_with_state");
  private static final Global DEVICE_TENSOR =
      new Global("torch._utils", "_rebuild_device_tensor_from_cpu_tensor");
  private static final Global FROM_TYPE = new Global("torch._tensor", "_rebuild_from_type_v2");

  private static final int MAX_PATH = 1024;

  /** What stays a call here: how many arguments it takes. */
  private record Arity(int least, int most) {}

  private static final Map<Global, Arity> INERT =
      Map.ofEntries(
          Map.entry(COUNTER, new Arity(0, 1)),
          Map.entry(SET, new Arity(0, 1)),
          Map.entry(FROZEN_SET, new Arity(0, 1)),
          Map.entry(COMPLEX, new Arity(2, 2)),
          Map.entry(new Global("builtins", "range"), new Arity(3, 3)),
          Map.entry(new Global("builtins", "slice"), new Arity(3, 3)),
          Map.entry(new Global("pathlib", "PosixPath"), new Arity(0, MAX_PATH)),
          Map.entry(new Global("pathlib", "WindowsPath"), new Arity(0, MAX_PATH)),
          Map.entry(new Global("pathlib", "PurePosixPath"), new Arity(0, MAX_PATH)),
          Map.entry(new Global("pathlib", "PureWindowsPath"), new Arity(0, MAX_PATH)),
          Map.entry(new Global("builtins", "bytearray"), new Arity(0, 1)),
          Map.entry(BYTES, new Arity(0, 0)),
          Map.entry(new Global("torch", "Size"), new Arity(1, 1)),
          Map.entry(new Global("torch", "device"), new Arity(1, 2)),
          Map.entry(new Global("torch.serialization", "_get_layout"), new Arity(1, 1)),
          Map.entry(new Global("torch._utils", "_rebuild_meta_tensor_no_storage"), new Arity(4, 4)),
          Map.entry(new Global("torch._utils", "_rebuild_sparse_tensor"), new Arity(2, 2)),
          Map.entry(new Global("torch._utils", "_rebuild_nested_tensor"), new Arity(4, 4)));

  private static final Set<Global> REBUILT =
      Set.of(
          ORDERED_DICT,
          CheckpointDict.DEFAULT_DICT,
          ENCODE,
          TENSOR_V1,
          TENSOR_V2,
          TENSOR_V3,
          QUANTIZED,
          PARAMETER,
          PARAMETER_WITH_STATE,
          DEVICE_TENSOR,
          FROM_TYPE);

  private static final Set<Global> FACTORIES =
      Stream.of("bool", "dict", "float", "int", "list", "str", "tuple")
          .map(name -> new Global("builtins", name))
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<Global> NAMES =
      Set.of(
          NAMESPACE,
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
    Global global = Python2.modern(module, name);
    boolean known =
        INERT.containsKey(global)
            || REBUILT.contains(global)
            || NAMES.contains(global)
            || FACTORIES.contains(global)
            || NumPy.isKnown(global)
            || (global.module().equals("torch")
                && (TorchDType.ofStorageClass(name).isPresent()
                    || TorchDType.ofTensorClass(name).isPresent()
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
      if ((function.equals(SET) || function.equals(FROZEN_SET)) && !given.isEmpty()) {
        given.getFirst().asList().items().forEach(Keys::require);
      }
      return new Call(function, arguments);
    }
    if (NumPy.isKnown(function)) {
      return NumPy.call(function, arguments);
    }
    if (!REBUILT.contains(function)) {
      throw new CheckpointException("the pickle calls " + function + ", which is no function");
    }
    return switch (function.name()) {
      case "OrderedDict" -> orderedDict(given);
      case "defaultdict" -> defaultDict(given);
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

  private static CheckpointDict defaultDict(List<CheckpointValue> given) {
    requireArity(CheckpointDict.DEFAULT_DICT, given, 0, 1);
    CheckpointDict dict = new CheckpointDict(CheckpointDict.DEFAULT_DICT);
    if (!given.isEmpty() && !(given.getFirst() instanceof None)) {
      CheckpointValue factory = given.getFirst();
      if (!(factory instanceof Global global)
          || !(FACTORIES.contains(global) || global.equals(SET))) {
        throw new CheckpointException(
            "the pickle has a defaultdict of " + factory.kind() + ", which is no plain type");
      }
      dict.putAttributes(Map.of(CheckpointValue.of(CheckpointDict.DEFAULT_FACTORY), global));
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

  /** Returns the empty object of a class that has no constructor to call. */
  private static CheckpointValue newObject(Global type, Tuple arguments) {
    if (type.equals(ORDERED_DICT)) {
      return call(type, arguments);
    }
    if (!type.equals(NAMESPACE)) {
      throw new CheckpointException("the pickle makes a bare object of class " + type);
    }
    requireArity(type, arguments.items(), 0, 0);
    return new CheckpointDict(type);
  }

  /** Sets the attributes of an object, or the state of one of NumPy's. */
  static CheckpointValue build(CheckpointValue object, CheckpointValue state) {
    if (object instanceof Call call && NumPy.isUnbuilt(call)) {
      return NumPy.build(call, state);
    }
    if (object instanceof CheckpointDict dict && state instanceof CheckpointDict values) {
      if (dict.isOrdered()) {
        dict.putAttributes(values.entries());
        return dict;
      }
      if (!dict.isMapping()) {
        values.entries().keySet().forEach(CheckpointValue::asText);
        values.entries().forEach(dict::put);
        return dict;
      }
    }
    throw new CheckpointException(
        "the pickle sets attributes of a %s from a %s".formatted(object.kind(), state.kind()));
  }

  private static final class Listed implements PickleNames {
    @Override
    public Global global(String module, String name) {
      return Constructors.global(module, name);
    }

    @Override
    public CheckpointValue call(Global function, Tuple arguments) {
      return Constructors.call(function, arguments);
    }

    @Override
    public CheckpointValue newObject(Global type, Tuple arguments) {
      return Constructors.newObject(type, arguments);
    }

    @Override
    public CheckpointValue build(CheckpointValue object, CheckpointValue state) {
      return Constructors.build(object, state);
    }
  }
}
