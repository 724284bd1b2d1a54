package io.lazytensor.xla.ir;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The opcodes of the closed set of operations, in XLA's spelling. Readers switch over them, so that
 * an operation nobody can read does not compile.
 *
 * <p>Source: XLA {@code xla/hlo/ir/hlo_opcode.h}.
 */
public enum HloOpcode {
  // Elementwise functions of one operand; the constants are those of UnaryKind.
  ABS,
  ACOS,
  ACOSH,
  ASIN,
  ASINH,
  ATANH,
  CBRT,
  CEIL,
  COPY,
  COSH,
  COSINE,
  COUNT_LEADING_ZEROS,
  ERF,
  EXPONENTIAL,
  EXPONENTIAL_MINUS_ONE,
  FLOOR,
  LOG,
  LOG_PLUS_ONE,
  LOGISTIC,
  NEGATE,
  NOT,
  POPULATION_COUNT("popcnt"),
  ROUND_NEAREST_AFZ,
  ROUND_NEAREST_EVEN,
  RSQRT,
  SIGN,
  SINE,
  SINH,
  SQRT,
  TAN,
  TANH,

  // Elementwise functions of two operands; the constants are those of BinaryKind.
  ADD,
  AND,
  ATAN2,
  DIVIDE,
  MAXIMUM,
  MINIMUM,
  MULHI,
  MULTIPLY,
  OR,
  POWER,
  REMAINDER,
  SHIFT_LEFT,
  SHIFT_RIGHT_ARITHMETIC,
  SHIFT_RIGHT_LOGICAL,
  SUBTRACT,
  XOR,

  // Other elementwise operations.
  BITCAST_CONVERT,
  CLAMP,
  COMPARE,
  COMPLEX,
  CONVERT,
  IMAG,
  IS_FINITE,
  REAL,
  REDUCE_PRECISION,
  SELECT,
  STOCHASTIC_CONVERT,

  // Values, and operations that move elements.
  BROADCAST,
  CONCATENATE,
  CONSTANT,
  DYNAMIC_SLICE,
  DYNAMIC_UPDATE_SLICE,
  GATHER,
  GET_DIMENSION_SIZE,
  IOTA,
  PAD,
  PARAMETER,
  RESHAPE,
  REVERSE,
  SCATTER,
  SLICE,
  TRANSPOSE,

  // Operations that combine elements.
  CONVOLUTION,
  DOT,
  RAGGED_DOT,
  REDUCE,
  REDUCE_WINDOW,
  SELECT_AND_SCATTER,
  SORT,
  TOPK,

  // Operations most devices run from a library.
  BATCH_NORM_GRAD,
  BATCH_NORM_INFERENCE,
  BATCH_NORM_TRAINING,
  CHOLESKY,
  FFT,
  RNG_BIT_GENERATOR,
  TRIANGULAR_SOLVE,

  // Control.
  ADD_DEPENDENCY,
  AFTER_ALL,
  CALL,
  CONDITIONAL,
  CUSTOM_CALL,
  FUSION,
  GET_TUPLE_ELEMENT,
  MAP,
  OPTIMIZATION_BARRIER("opt-barrier"),
  SCAN,
  TUPLE,
  WHILE,

  // Between devices.
  ALL_GATHER,
  ALL_REDUCE,
  ALL_TO_ALL,
  COLLECTIVE_BROADCAST,
  COLLECTIVE_PERMUTE,
  PARTITION_ID,
  REDUCE_SCATTER,
  REPLICA_ID;

  private static final Map<String, HloOpcode> BY_NAME = new HashMap<>();

  static {
    for (HloOpcode opcode : values()) {
      BY_NAME.put(opcode.hloName, opcode);
    }
  }

  private final String hloName;

  HloOpcode() {
    this.hloName = name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  HloOpcode(String hloName) {
    this.hloName = hloName;
  }

  /** Returns XLA's spelling, such as {@code exponential-minus-one}. */
  public String hloName() {
    return hloName;
  }

  /** Returns the opcode with this spelling; empty if this library does not have it. */
  public static Optional<HloOpcode> ofHloName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
