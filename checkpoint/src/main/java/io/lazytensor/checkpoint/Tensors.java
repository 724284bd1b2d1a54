package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointTensor.Sign;
import io.lazytensor.checkpoint.CheckpointValue.Bool;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.util.List;

/**
 * Tensors from the arguments of PyTorch's functions that rebuild them.
 *
 * <p>Source: PyTorch 2.14 {@code torch/_utils.py}.
 */
final class Tensors {
  private static final int SHARED_ARGUMENTS = 4;

  private Tensors() {}

  static CheckpointTensor rebuild(Global function, List<CheckpointValue> given) {
    boolean v3 = function.equals(Constructors.TENSOR_V3);
    if (function.equals(Constructors.TENSOR_V1)) {
      Constructors.requireArity(function, given, SHARED_ARGUMENTS, SHARED_ARGUMENTS);
      return builder(given, typed(storage(given))).build();
    }
    if (function.equals(Constructors.QUANTIZED)) {
      Constructors.requireArity(function, given, 7, 7);
      return builder(given, typed(storage(given)))
          .quantizer(quantizer(given.get(4)))
          .requiresGrad(given.get(5).asBoolean())
          .build();
    }
    int fixed = v3 ? 7 : 6;
    Constructors.requireArity(function, given, fixed, fixed + 1);
    TorchDType dtype = v3 ? dtype(given.get(6), storage(given)) : typed(storage(given));
    return builder(given, dtype)
        .requiresGrad(given.get(4).asBoolean())
        .sign(given.size() > fixed ? sign(given.get(fixed)) : Sign.AS_STORED)
        .build();
  }

  private static CheckpointStorage storage(List<CheckpointValue> given) {
    return given.getFirst() instanceof CheckpointStorage storage
        ? storage
        : Wrong.kind("storage", given.getFirst());
  }

  private static TorchDType typed(CheckpointStorage storage) {
    return storage
        .dtype()
        .orElseThrow(() -> new CheckpointException("a tensor without a type views bare bytes"));
  }

  private static TorchDType dtype(CheckpointValue value, CheckpointStorage storage) {
    if (!(value instanceof Global(String module, String name)) || !module.equals("torch")) {
      return Wrong.kind("dtype", value);
    }
    TorchDType dtype =
        TorchDType.ofTorchName(name)
            .orElseThrow(() -> new CheckpointException("torch." + name + " is no dtype"));
    if (storage.isUnswapped() && dtype.byteSize() > 1) {
      throw new CheckpointException(
          "big-endian untyped storages do not say how to swap "
              + dtype
              + "; PyTorch misreads them"
              + " too. Save again on a little-endian machine");
    }
    return dtype;
  }

  private static CheckpointTensor.Builder builder(List<CheckpointValue> given, TorchDType dtype) {
    return builder(
        storage(given), dtype, given.get(1).asLong(), longs(given.get(2)), longs(given.get(3)));
  }

  /** Starts a tensor; one of a part of a storage becomes one of the whole. */
  static CheckpointTensor.Builder builder(
      CheckpointStorage storage, TorchDType dtype, long offset, long[] shape, long[] strides) {
    var builder = new CheckpointTensor.Builder(storage, dtype, offset, shape, strides);
    if (storage.window().isEmpty()) {
      return builder;
    }
    builder.build(); // refuses what reaches outside of the part
    CheckpointStorage.Window window = storage.window().get();
    if (offset > Long.MAX_VALUE - window.start()) {
      throw new CheckpointException("a tensor starts at element " + offset);
    }
    return new CheckpointTensor.Builder(
        window.whole(), dtype, offset + window.start(), shape, strides);
  }

  static long[] longs(CheckpointValue value) {
    List<CheckpointValue> items =
        value instanceof Tuple tuple ? tuple.items() : value.asList().items();
    if (items.size() > CheckpointTensor.MAX_RANK) {
      throw new CheckpointException("a tensor has " + items.size() + " dimensions");
    }
    return items.stream().mapToLong(CheckpointValue::asLong).toArray();
  }

  private static CheckpointValue quantizer(CheckpointValue value) {
    return value instanceof Tuple ? value : Wrong.kind("tuple", value);
  }

  private static Sign sign(CheckpointValue metadata) {
    boolean conjugate = false;
    boolean negative = false;
    for (var entry : metadata.asDict().entries().entrySet()) {
      String key = entry.getKey().asText();
      if (!(entry.getValue() instanceof Bool(boolean flag))) {
        return Wrong.kind("bool", entry.getValue());
      }
      switch (key) {
        case "conj" -> conjugate = flag;
        case "neg" -> negative = flag;
        default -> throw new CheckpointException("a tensor has the unknown mark \"" + key + "\"");
      }
    }
    return conjugate
        ? negative ? Sign.NEGATIVE_CONJUGATE : Sign.CONJUGATE
        : negative ? Sign.NEGATIVE : Sign.AS_STORED;
  }
}
