package io.lazytensor.checkpoint;

import java.math.BigInteger;
import java.util.List;

/**
 * A value in a checkpoint: what PyTorch's pickles hold, as inert data. Nothing of it is ever run.
 *
 * <p>Objects that occur several times in a file are one object here, and are written as one.
 */
public sealed interface CheckpointValue
    permits CheckpointTensor,
        CheckpointStorage,
        CheckpointDict,
        CheckpointList,
        CheckpointBytes,
        CheckpointValue.Tuple,
        CheckpointValue.Text,
        CheckpointValue.Int,
        CheckpointValue.Real,
        CheckpointValue.Bool,
        CheckpointValue.None,
        CheckpointValue.Global,
        CheckpointValue.Call {

  /** A Python tuple. */
  record Tuple(List<CheckpointValue> items) implements CheckpointValue {
    /** Copies the items. */
    public Tuple {
      items = List.copyOf(items);
    }

    /** Creates a tuple. */
    public static Tuple of(CheckpointValue... items) {
      return new Tuple(List.of(items));
    }

    @Override
    public String toString() {
      return "tuple of " + items.size();
    }
  }

  /** A Python {@code str}. */
  record Text(String value) implements CheckpointValue {}

  /** A Python {@code int} of any size. */
  record Int(BigInteger value) implements CheckpointValue {}

  /** A Python {@code float}. */
  record Real(double value) implements CheckpointValue {}

  /** A Python {@code bool}. */
  record Bool(boolean value) implements CheckpointValue {}

  /** Python's {@code None}. */
  record None() implements CheckpointValue {}

  /**
   * A named object of a Python module, such as {@code torch.float32}.
   *
   * @param module the module, such as {@code torch}
   * @param name the name in it
   */
  record Global(String module, String name) implements CheckpointValue {
    @Override
    public String toString() {
      return module + "." + name;
    }
  }

  /**
   * What Python makes by calling a function when it reads the file: a set, a {@code torch.Size}, a
   * device, a sparse tensor. Here it stays function and arguments.
   *
   * @param function what Python calls
   * @param arguments what with
   */
  record Call(Global function, Tuple arguments) implements CheckpointValue {
    @Override
    public String toString() {
      return function + " of " + arguments;
    }
  }

  /** Returns {@code None}. */
  static CheckpointValue none() {
    return new None();
  }

  /** Returns a string. */
  static CheckpointValue of(String value) {
    return new Text(value);
  }

  /** Returns an integer. */
  static CheckpointValue of(long value) {
    return new Int(BigInteger.valueOf(value));
  }

  /** Returns a floating-point number. */
  static CheckpointValue of(double value) {
    return new Real(value);
  }

  /** Returns a boolean. */
  static CheckpointValue of(boolean value) {
    return new Bool(value);
  }

  /** Returns Python's name of the kind of value, such as {@code dict}. */
  default String kind() {
    return switch (this) {
      case CheckpointTensor _ -> "tensor";
      case CheckpointStorage _ -> "storage";
      case CheckpointDict dict -> dict.isMapping() ? "dict" : dict.type().toString();
      case CheckpointList _ -> "list";
      case CheckpointBytes _ -> "bytes";
      case Tuple _ -> "tuple";
      case Text _ -> "str";
      case Int _ -> "int";
      case Real _ -> "float";
      case Bool _ -> "bool";
      case None _ -> "NoneType";
      case Global global -> global.toString();
      case Call call -> call.function().toString();
    };
  }

  /**
   * Returns this as a dict.
   *
   * @throws CheckpointException if it is something else
   */
  default CheckpointDict asDict() {
    return this instanceof CheckpointDict dict ? dict : Wrong.kind("dict", this);
  }

  /**
   * Returns this as a list.
   *
   * @throws CheckpointException if it is something else
   */
  default CheckpointList asList() {
    return this instanceof CheckpointList list ? list : Wrong.kind("list", this);
  }

  /**
   * Returns this as a tensor.
   *
   * @throws CheckpointException if it is something else
   */
  default CheckpointTensor asTensor() {
    return this instanceof CheckpointTensor tensor ? tensor : Wrong.kind("tensor", this);
  }

  /**
   * Returns this as a string.
   *
   * @throws CheckpointException if it is something else
   */
  default String asText() {
    return this instanceof Text(String value) ? value : Wrong.kind("str", this);
  }

  /**
   * Returns this as a 64-bit integer.
   *
   * @throws CheckpointException if it is something else or does not fit
   */
  default long asLong() {
    if (this instanceof Int(BigInteger value) && value.bitLength() < Long.SIZE) {
      return value.longValue();
    }
    return Wrong.kind("int of at most 64 bits", this);
  }

  /**
   * Returns this as a number; an integer becomes the nearest one.
   *
   * @throws CheckpointException if it is something else
   */
  default double asDouble() {
    return switch (this) {
      case Real(double value) -> value;
      case Int(BigInteger value) -> value.doubleValue();
      default -> Wrong.kind("number", this);
    };
  }

  /**
   * Returns this as a boolean.
   *
   * @throws CheckpointException if it is something else
   */
  default boolean asBoolean() {
    return this instanceof Bool(boolean value) ? value : Wrong.kind("bool", this);
  }
}
