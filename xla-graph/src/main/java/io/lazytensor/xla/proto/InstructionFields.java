package io.lazytensor.xla.proto;

/**
 * Field numbers of {@code HloInstructionProto}.
 *
 * <p>Source: XLA {@code xla/service/hlo.proto}.
 */
final class InstructionFields {
  static final int NAME = 1;
  static final int OPCODE = 2;
  static final int SHAPE = 3;
  static final int METADATA = 7;
  static final int LITERAL = 8;
  static final int PARAMETER_NUMBER = 9;
  static final int FUSION_KIND = 11;
  static final int TUPLE_INDEX = 13;
  static final int DIMENSIONS = 14;
  static final int WINDOW = 15;
  static final int CONVOLUTION_DIMENSION_NUMBERS = 16;
  static final int SLICE_DIMENSIONS = 17;
  static final int EXPONENT_BITS = 18;
  static final int MANTISSA_BITS = 19;
  static final int DYNAMIC_SLICE_SIZES = 20;
  static final int PADDING_CONFIG = 21;
  static final int EPSILON = 24;
  static final int FEATURE_INDEX = 25;
  static final int CHANNEL_ID = 26;
  static final int CUSTOM_CALL_TARGET = 28;
  static final int DOT_DIMENSION_NUMBERS = 30;
  static final int FFT_TYPE = 31;
  static final int FFT_LENGTH = 32;
  static final int GATHER_DIMENSION_NUMBERS = 33;
  static final int GATHER_SLICE_SIZES = 34;
  static final int ID = 35;
  static final int OPERAND_IDS = 36;
  static final int CONTROL_PREDECESSOR_IDS = 37;
  static final int CALLED_COMPUTATION_IDS = 38;
  static final int SHARDING = 40;
  static final int BACKEND_CONFIG = 43;
  static final int ALL_REDUCE_ID = 45;
  static final int SCATTER_DIMENSION_NUMBERS = 48;
  static final int REPLICA_GROUPS = 49;
  static final int FEATURE_GROUP_COUNT = 50;
  static final int PRECISION_CONFIG = 51;
  static final int SOURCE_TARGET_PAIRS = 52;
  static final int CONSTRAIN_LAYOUT = 56;
  static final int OPERAND_SHAPES_WITH_LAYOUT = 57;
  static final int BATCH_GROUP_COUNT = 58;
  static final int TRIANGULAR_SOLVE_OPTIONS = 59;
  static final int IS_STABLE = 60;
  static final int CHOLESKY_OPTIONS = 62;
  static final int COMPARISON_DIRECTION = 63;
  static final int CUSTOM_CALL_HAS_SIDE_EFFECT = 65;
  static final int INDICES_ARE_SORTED = 67;
  static final int UNIQUE_INDICES = 69;
  static final int RNG_ALGORITHM = 70;
  static final int USE_GLOBAL_DEVICE_IDS = 71;
  static final int COMPARISON_TYPE = 72;
  static final int CUSTOM_CALL_API_VERSION = 77;
  static final int K = 81;
  static final int LARGEST = 85;
  static final int COLLECTIVE_DEVICE_LIST = 87;
  static final int RAGGED_DOT_DIMENSION_NUMBERS = 90;
  static final int IOTA_COLLECTIVE_DEVICE_LIST = 92;
  static final int MESH_AXES_REPLICA_GROUP_LIST = 93;
  static final int IS_REVERSE = 94;
  static final int NUM_CARRIES = 95;
  static final int IS_ASSOCIATIVE = 96;
  static final int SPARSITY_CONFIG = 98;

  private InstructionFields() {}
}
