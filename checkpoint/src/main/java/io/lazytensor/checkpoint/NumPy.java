package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Bool;
import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Int;
import io.lazytensor.checkpoint.CheckpointValue.None;
import io.lazytensor.checkpoint.CheckpointValue.Real;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * NumPy's scalars, arrays and types in a pickle: numbers, tensors, and calls that name a type.
 *
 * <p>A type and an array come as a call and a state that is set later. Until then they are calls.
 *
 * <p>Source: NumPy 1.26 and 2.4 {@code numpy/core/src/multiarray/descriptor.c} and {@code
 * methods.c} ({@code __reduce__}, {@code __setstate__}).
 */
final class NumPy {
  private static final Global DTYPE = new Global("numpy", "dtype");
  private static final Global ARRAY = new Global("numpy", "ndarray");
  private static final String RECONSTRUCT = "_reconstruct";
  private static final String SCALAR = "scalar";
  private static final Set<String> MODULES =
      Set.of("numpy.core.multiarray", "numpy._core.multiarray");

  private static final int LEAST_TYPE_STATE = 8;
  private static final int ARRAY_STATE = 5;

  private NumPy() {}

  static boolean isKnown(Global name) {
    return name.equals(DTYPE) || name.equals(ARRAY) || isFunction(name);
  }

  private static boolean isFunction(Global name) {
    return MODULES.contains(name.module())
        && (name.name().equals(RECONSTRUCT) || name.name().equals(SCALAR));
  }

  /** Returns whether a call waits for its state. */
  static boolean isUnbuilt(Call call) {
    Global function = call.function();
    return function.equals(DTYPE)
        ? call.arguments().items().size() > 1
        : isFunction(function) && function.name().equals(RECONSTRUCT);
  }

  /** Returns what a call makes: a scalar at once, others wait for their state. */
  static CheckpointValue call(Global function, Tuple arguments) {
    List<CheckpointValue> given = arguments.items();
    if (function.equals(DTYPE)) {
      Constructors.requireArity(function, given, 1, 3);
      given.getFirst().asText();
      return new Call(function, arguments);
    }
    if (function.equals(ARRAY)) {
      throw new CheckpointException("the pickle calls " + function + ", which is no function");
    }
    if (function.name().equals(SCALAR)) {
      Constructors.requireArity(function, given, 2, 2);
      NumPyType type = NumPyType.of(typeName(given.getFirst()));
      return scalar(type, type.littleEndian(bytes(given.getLast())));
    }
    Constructors.requireArity(function, given, 3, 3);
    if (!given.getFirst().equals(ARRAY)) {
      throw new CheckpointException(
          "the pickle has an array of class %s; only %s is read"
              .formatted(given.getFirst().kind(), ARRAY));
    }
    return new Call(function, arguments);
  }

  /** Returns the type or array that a call becomes with its state. */
  static CheckpointValue build(Call call, CheckpointValue state) {
    List<CheckpointValue> parts =
        state instanceof Tuple(List<CheckpointValue> items) ? items : List.of();
    return call.function().equals(DTYPE) ? type(call, parts) : array(parts);
  }

  // ---- types ------------------------------------------------------------------------------------

  /** The state is version, byte order, subarray, names, fields, size, alignment and flags. */
  private static Call type(Call call, List<CheckpointValue> state) {
    if (state.size() < LEAST_TYPE_STATE) {
      throw new CheckpointException("a NumPy type in the pickle has a malformed state");
    }
    String name = call.arguments().items().getFirst().asText();
    if (!state.subList(2, 5).stream().allMatch(None.class::isInstance)) {
      throw new CheckpointException(
          "NumPy type \"" + name + "\" has fields; numbers and bools are read");
    }
    return new Call(DTYPE, Tuple.of(new Text(state.get(1).asText() + name)));
  }

  private static String typeName(CheckpointValue value) {
    if (!(value instanceof Call call) || !call.function().equals(DTYPE) || isUnbuilt(call)) {
      return Wrong.kind("numpy.dtype", value);
    }
    return call.arguments().items().getFirst().asText();
  }

  // ---- data -------------------------------------------------------------------------------------

  private static byte[] bytes(CheckpointValue value) {
    return switch (value) {
      case CheckpointBytes bytes -> bytes.toArray();
      // How protocol 2 has empty ones.
      case Call call when call.function().equals(Constructors.BYTES) -> new byte[0];
      // What Python 2 called a string.
      case Text(String text) when text.chars().allMatch(c -> c <= 0xff) ->
          text.getBytes(StandardCharsets.ISO_8859_1);
      default -> Wrong.kind("bytes", value);
    };
  }

  private static CheckpointValue scalar(NumPyType type, byte[] bytes) {
    if (bytes.length != type.width()) {
      throw new CheckpointException(
          "a NumPy %s in the pickle has %d bytes".formatted(type.dtype(), bytes.length));
    }
    ByteBuffer data = LittleEndian.buffer(bytes.length).put(bytes).flip();
    return switch (type.dtype()) {
      case BOOL -> new Bool(data.get() != 0);
      case FLOAT16, FLOAT32, FLOAT64 -> real(data, type.width());
      case COMPLEX64, COMPLEX128 ->
          new Call(
              Constructors.COMPLEX,
              Tuple.of(real(data, type.width() / 2), real(data, type.width() / 2)));
      default -> integer(bytes, type.isSigned());
    };
  }

  private static Real real(ByteBuffer data, int width) {
    return new Real(
        switch (width) {
          case Short.BYTES -> Float.float16ToFloat(data.getShort());
          case Float.BYTES -> data.getFloat();
          default -> data.getDouble();
        });
  }

  private static Int integer(byte[] littleEndian, boolean signed) {
    byte[] digits = NumPyType.reversed(littleEndian, littleEndian.length);
    return new Int(signed ? new BigInteger(digits) : new BigInteger(1, digits));
  }

  /** The state is version, shape, type, whether columns come first, and the bytes. */
  private static CheckpointTensor array(List<CheckpointValue> state) {
    if (state.size() != ARRAY_STATE) {
      throw new CheckpointException("a NumPy array in the pickle has a malformed state");
    }
    long[] shape = Tensors.longs(state.get(1));
    NumPyType type = NumPyType.of(typeName(state.get(2)));
    boolean columnsFirst = state.get(3).asBoolean();
    byte[] bytes = type.littleEndian(bytes(state.get(4)));
    CheckpointStorage storage = CheckpointStorage.of(type.dtype(), MemorySegment.ofArray(bytes));
    CheckpointTensor array =
        CheckpointTensor.view(type.dtype(), storage, 0, shape, strides(shape, columnsFirst));
    if (array.byteSize() != bytes.length) {
      throw new CheckpointException(
          "a NumPy array in the pickle, %s, has %d bytes".formatted(array, bytes.length));
    }
    return array;
  }

  private static long[] strides(long[] shape, boolean columnsFirst) {
    return columnsFirst
        ? reversed(CheckpointTensor.contiguousStrides(reversed(shape)))
        : CheckpointTensor.contiguousStrides(shape);
  }

  private static long[] reversed(long[] values) {
    long[] out = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      out[i] = values[values.length - 1 - i];
    }
    return out;
  }
}
