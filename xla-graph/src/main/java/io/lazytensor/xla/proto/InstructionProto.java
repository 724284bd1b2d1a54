package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of one {@code HloInstructionProto}, and what its ids refer to. */
final class InstructionProto {
  private static final String MESSAGE = "HloInstructionProto";

  private final Map<Integer, Long> numbers = new HashMap<>();
  private final Map<Integer, Numbers64> lists = new HashMap<>();
  private final Map<Integer, String> texts = new HashMap<>();
  private final Map<Integer, WireReader> messages = new HashMap<>();
  private final Map<Integer, List<WireReader>> repeatedMessages = new HashMap<>();
  private float epsilon;
  private List<HloInstruction> operands = List.of();
  private List<HloComputation> called = List.of();
  private final ShapeProto shape;
  private final Budget budget;

  /**
   * Reads the fields.
   *
   * @param budget what short messages may still expand to
   */
  InstructionProto(WireReader in, Budget budget) {
    this.budget = budget;
    while (in.next()) {
      readField(in);
    }
    WireReader shapeProto = messages.get(SHAPE);
    if (shapeProto == null) {
      throw broken("has no shape");
    }
    this.shape = ShapeProto.read(shapeProto.again());
  }

  private void readField(WireReader in) {
    int field = in.field();
    switch (field) {
      case NAME, OPCODE, FUSION_KIND, CUSTOM_CALL_TARGET, COMPARISON_DIRECTION, COMPARISON_TYPE ->
          texts.put(field, in.string());
      case BACKEND_CONFIG -> texts.put(field, in.latin1());
      case EPSILON -> epsilon = in.fixed32();
      case ID,
          PARAMETER_NUMBER,
          TUPLE_INDEX,
          EXPONENT_BITS,
          MANTISSA_BITS,
          FEATURE_INDEX,
          CHANNEL_ID,
          FFT_TYPE,
          ALL_REDUCE_ID,
          FEATURE_GROUP_COUNT,
          CONSTRAIN_LAYOUT,
          BATCH_GROUP_COUNT,
          IS_STABLE,
          CUSTOM_CALL_HAS_SIDE_EFFECT,
          INDICES_ARE_SORTED,
          UNIQUE_INDICES,
          RNG_ALGORITHM,
          USE_GLOBAL_DEVICE_IDS,
          CUSTOM_CALL_API_VERSION,
          K,
          LARGEST,
          IS_REVERSE,
          NUM_CARRIES,
          IS_ASSOCIATIVE ->
          numbers.put(field, in.varint());
      case DIMENSIONS,
          DYNAMIC_SLICE_SIZES,
          FFT_LENGTH,
          GATHER_SLICE_SIZES,
          OPERAND_IDS,
          CONTROL_PREDECESSOR_IDS,
          CALLED_COMPUTATION_IDS ->
          in.varints(list64(field));
      case SHAPE,
          METADATA,
          LITERAL,
          WINDOW,
          CONVOLUTION_DIMENSION_NUMBERS,
          PADDING_CONFIG,
          DOT_DIMENSION_NUMBERS,
          RAGGED_DOT_DIMENSION_NUMBERS,
          GATHER_DIMENSION_NUMBERS,
          SHARDING,
          SCATTER_DIMENSION_NUMBERS,
          PRECISION_CONFIG,
          TRIANGULAR_SOLVE_OPTIONS,
          CHOLESKY_OPTIONS,
          COLLECTIVE_DEVICE_LIST,
          IOTA_COLLECTIVE_DEVICE_LIST,
          MESH_AXES_REPLICA_GROUP_LIST,
          SPARSITY_CONFIG ->
          merge(field, in.message(MESSAGE));
      case SLICE_DIMENSIONS, REPLICA_GROUPS, SOURCE_TARGET_PAIRS, OPERAND_SHAPES_WITH_LAYOUT ->
          addRepeated(field, in.message(MESSAGE));
      default -> in.skip();
    }
  }

  private Numbers64 list64(int field) {
    Numbers64 list = lists.get(field);
    if (list == null) {
      list = new Numbers64();
      lists.put(field, list);
    }
    return list;
  }

  private void addRepeated(int field, WireReader message) {
    List<WireReader> all = repeatedMessages.get(field);
    if (all == null) {
      all = new ArrayList<>();
      repeatedMessages.put(field, all);
    }
    all.add(message);
  }

  private void merge(int field, WireReader message) {
    WireReader earlier = messages.get(field);
    messages.put(field, earlier == null ? message : earlier.mergedWith(message));
  }

  /** Sets what the ids refer to. */
  void resolve(List<HloInstruction> operands, List<HloComputation> called) {
    this.operands = operands;
    this.called = called;
  }

  String name() {
    return text(NAME);
  }

  String opcode() {
    return text(OPCODE);
  }

  Shape shape() {
    return shape.shape();
  }

  boolean isRowMajor() {
    return shape.isRowMajor();
  }

  /** Returns the layouts of the arrays in the declared shape. */
  List<Dims> layouts() {
    return shape.layouts();
  }

  /** Returns the declared shape, which has to be an array. */
  ArrayShape arrayShape() {
    if (shape.shape() instanceof ArrayShape array) {
      return array;
    }
    throw broken("has the shape " + shape.shape() + "; an array is expected");
  }

  List<HloInstruction> operands() {
    return operands;
  }

  /** Returns the shape of an operand, which has to be there and an array. */
  ArrayShape operandArray(int index) {
    if (index >= operands.size()) {
      throw broken("has %d operands, at least %d are needed".formatted(operands.size(), index + 1));
    }
    if (operands.get(index).shape() instanceof ArrayShape array) {
      return array;
    }
    throw broken(
        "has an operand %d of the shape %s; an array is expected"
            .formatted(index, operands.get(index).shape()));
  }

  List<HloComputation> called() {
    return called;
  }

  /** Returns the computations it calls, whose number has to be right. */
  List<HloComputation> called(int count) {
    if (called.size() != count) {
      throw broken("calls %d computations; %d are expected".formatted(called.size(), count));
    }
    return called;
  }

  /** Returns the only computation it calls. */
  HloComputation calledAlone() {
    return called(1).get(0);
  }

  long int64(int field) {
    return numbers.getOrDefault(field, 0L);
  }

  int number(int field) {
    return NumberMessage.toInt(int64(field), describe(), field);
  }

  /** Reads an {@code int32} or an enum: the low 32 bits. */
  int int32(int field) {
    return (int) int64(field);
  }

  boolean bool(int field) {
    return int64(field) != 0;
  }

  float epsilon() {
    return epsilon;
  }

  String text(int field) {
    return texts.getOrDefault(field, "");
  }

  Numbers64 ids(int field) {
    return lists.getOrDefault(field, Numbers64.EMPTY);
  }

  Dims list(int field) {
    return NumberMessage.toDims(ids(field), describe(), field);
  }

  /** Returns the only dimension. */
  int dimension() {
    Dims dimensions = list(DIMENSIONS);
    if (dimensions.size() != 1) {
      throw broken("has %d dimensions; one is expected".formatted(dimensions.size()));
    }
    return dimensions.get(0);
  }

  Optional<WireReader> message(int field) {
    WireReader message = messages.get(field);
    return message == null ? Optional.empty() : Optional.of(message.again());
  }

  WireReader requiredMessage(int field) {
    Optional<WireReader> message = message(field);
    if (message.isEmpty()) {
      throw broken("has no field " + field);
    }
    return message.get();
  }

  List<WireReader> repeated(int field) {
    List<WireReader> again = new ArrayList<>();
    for (WireReader message : repeatedMessages.getOrDefault(field, List.of())) {
      again.add(message.again());
    }
    return again;
  }

  /** Accounts for memory that a short message asks for. */
  void spend(long elements) {
    if (!budget.take(elements)) {
      throw unsupported("what its device lists expand to is");
    }
  }

  String describe() {
    return "instruction %s, %s".formatted(name(), opcode());
  }

  HloFormatException broken(String why) {
    return new HloFormatException(describe() + ": " + why);
  }

  UnsupportedException unsupported(String what) {
    return new UnsupportedException(describe() + ": " + what + " not supported");
  }
}
