package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes an operation of its opcode, attributes, operands and declared shape.
 *
 * <p>Source: XLA {@code HloParserImpl::CreateInstruction} in {@code xla/hlo/parser/hlo_parser.cc}.
 */
final class OpReader {
  private final HloLexer lexer;
  private final HloOpcode code;
  private final int position;
  private final ShapeReader.@Nullable Laid laid;
  private final @Nullable Shape declared;
  private final List<HloInstruction> operands;
  private final Attributes attributes;

  /**
   * Creates a reader of one operation that is neither a parameter nor a constant.
   *
   * @param position of the opcode
   * @param laid the result's shape, if the text says it
   */
  OpReader(
      HloLexer lexer,
      HloOpcode code,
      int position,
      ShapeReader.@Nullable Laid laid,
      List<HloInstruction> operands,
      Attributes attributes) {
    this.lexer = lexer;
    this.code = code;
    this.position = position;
    this.laid = laid;
    this.declared = laid == null ? null : laid.shape();
    this.operands = operands;
    this.attributes = attributes;
  }

  HloOp read() {
    return switch (code) {
      case ABS,
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
          POPULATION_COUNT,
          ROUND_NEAREST_AFZ,
          ROUND_NEAREST_EVEN,
          RSQRT,
          SIGN,
          SINE,
          SINH,
          SQRT,
          TAN,
          TANH ->
          new HloOp.Unary(UnaryKind.valueOf(code.name()));
      case ADD,
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
          XOR ->
          new HloOp.Binary(BinaryKind.valueOf(code.name()));
      case CLAMP -> new HloOp.Clamp();
      case COMPARE -> compare();
      case COMPLEX -> new HloOp.Complex();
      case REAL -> new HloOp.Real();
      case IMAG -> new HloOp.Imag();
      case IS_FINITE -> new HloOp.IsFinite();
      case SELECT -> new HloOp.Select();
      case CONVERT -> new HloOp.Convert(array().dtype());
      case BITCAST_CONVERT -> new HloOp.BitcastConvert(array().dtype());
      case STOCHASTIC_CONVERT -> new HloOp.StochasticConvert(array().dtype());
      case REDUCE_PRECISION ->
          new HloOp.ReducePrecision(
              attributes.integer("exponent_bits"), attributes.integer("mantissa_bits"));
      case BROADCAST,
          CONCATENATE,
          DYNAMIC_SLICE,
          DYNAMIC_UPDATE_SLICE,
          GATHER,
          GET_DIMENSION_SIZE,
          IOTA,
          PAD,
          RESHAPE,
          REVERSE,
          SCATTER,
          SLICE,
          TRANSPOSE ->
          moving();
      case DOT -> new HloOp.Dot(dot(), productType(), precision(true));
      case RAGGED_DOT ->
          new HloOp.RaggedDot(
              new RaggedDotDimensionNumbers(
                  dot(),
                  attributes.dims("lhs_ragged_dims"),
                  attributes.dimsOrNone("rhs_group_dims")),
              productType(),
              precision(true));
      case REDUCE ->
          new HloOp.Reduce(attributes.dims("dimensions"), attributes.computation("to_apply"));
      case CALL -> new HloOp.Call(attributes.computation("to_apply"));
      case TUPLE -> new HloOp.Tuple();
      case GET_TUPLE_ELEMENT -> new HloOp.GetTupleElement(attributes.integer("index"));
      case CONVOLUTION,
          REDUCE_WINDOW,
          SELECT_AND_SCATTER,
          SORT,
          TOPK,
          BATCH_NORM_GRAD,
          BATCH_NORM_INFERENCE,
          BATCH_NORM_TRAINING,
          CHOLESKY,
          FFT,
          RNG_BIT_GENERATOR,
          TRIANGULAR_SOLVE,
          ADD_DEPENDENCY,
          AFTER_ALL,
          CONDITIONAL,
          CUSTOM_CALL,
          FUSION,
          MAP,
          OPTIMIZATION_BARRIER,
          SCAN,
          WHILE,
          ALL_GATHER,
          ALL_REDUCE,
          ALL_TO_ALL,
          COLLECTIVE_BROADCAST,
          COLLECTIVE_PERMUTE,
          PARTITION_ID,
          REDUCE_SCATTER,
          REPLICA_ID ->
          new StructuredOpReader(this).read();
      case PARAMETER, CONSTANT -> throw new IllegalStateException(code + " has no operands");
    };
  }

  private HloOp compare() {
    ComparisonDirection direction =
        attributes.requireConstant(
            "direction", Arrays.asList(ComparisonDirection.values()), Enum::name);
    boolean total =
        attributes
            .constant("type", Arrays.asList(ComparisonType.values()), Enum::name)
            .filter(t -> t == ComparisonType.TOTALORDER)
            .isPresent();
    return new HloOp.Compare(direction, total);
  }

  // All but the total order follow from the operands' type.
  private enum ComparisonType {
    FLOAT,
    TOTALORDER,
    SIGNED,
    UNSIGNED
  }

  private HloOp moving() {
    return switch (code) {
      case BROADCAST -> {
        Dims dimensions = attributes.dimsOrNone("dimensions");
        yield new HloOp.Broadcast(array().dims(), dimensions);
      }
      case CONCATENATE -> new HloOp.Concatenate(attributes.dimension("dimensions"));
      case DYNAMIC_SLICE -> new HloOp.DynamicSlice(attributes.dims("dynamic_slice_sizes"));
      case DYNAMIC_UPDATE_SLICE -> new HloOp.DynamicUpdateSlice();
      case GATHER -> gather();
      case GET_DIMENSION_SIZE -> new HloOp.GetDimensionSize(attributes.dimension("dimensions"));
      case IOTA -> new HloOp.Iota(array(), attributes.integer("iota_dimension"));
      case PAD -> new HloOp.Pad(attributes.padding("padding"));
      case RESHAPE -> new HloOp.Reshape(array().dims());
      case REVERSE -> new HloOp.Reverse(attributes.dims("dimensions"));
      case SCATTER -> scatter();
      case SLICE -> {
        List<int[]> ranges = attributes.slices("slice");
        yield new HloOp.Slice(column(ranges, 0), column(ranges, 1), column(ranges, 2));
      }
      case TRANSPOSE -> new HloOp.Transpose(attributes.dims("dimensions"));
      default -> throw new IllegalStateException(code + " moves no elements");
    };
  }

  private static Dims column(List<int[]> rows, int index) {
    return Dims.of(rows.stream().mapToInt(r -> r[index]).toArray());
  }

  private HloOp gather() {
    return new HloOp.Gather(
        new GatherDimensionNumbers(
            attributes.dims("offset_dims"),
            attributes.dims("collapsed_slice_dims"),
            attributes.dimsOrNone("operand_batching_dims"),
            attributes.dimsOrNone("start_indices_batching_dims"),
            attributes.dims("start_index_map"),
            attributes.integer("index_vector_dim")),
        attributes.dims("slice_sizes"),
        attributes.flag("indices_are_sorted", false));
  }

  private HloOp scatter() {
    return new HloOp.Scatter(
        new ScatterDimensionNumbers(
            attributes.dims("update_window_dims"),
            attributes.dims("inserted_window_dims"),
            attributes.dimsOrNone("input_batching_dims"),
            attributes.dimsOrNone("scatter_indices_batching_dims"),
            attributes.dims("scatter_dims_to_operand_dims"),
            attributes.integer("index_vector_dim")),
        attributes.computation("to_apply"),
        attributes.flag("indices_are_sorted", false),
        attributes.flag("unique_indices", false));
  }

  private DotDimensionNumbers dot() {
    return new DotDimensionNumbers(
        attributes.dimsOrNone("lhs_contracting_dims"),
        attributes.dimsOrNone("rhs_contracting_dims"),
        attributes.dimsOrNone("lhs_batch_dims"),
        attributes.dimsOrNone("rhs_batch_dims"));
  }

  // ---- what the families share ------------------------------------------------------------------

  HloOpcode code() {
    return code;
  }

  Attributes attributes() {
    return attributes;
  }

  List<HloInstruction> operands() {
    return operands;
  }

  HloInstruction operand(int index) {
    if (index >= operands.size()) {
      throw error("expected more than " + operands.size() + " operands");
    }
    return operands.get(index);
  }

  RuntimeException error(String message) {
    return lexer.error(position, code.hloName() + ": " + message);
  }

  RuntimeException unsupported(String message) {
    return lexer.unsupported(position, code.hloName() + ": " + message);
  }

  RuntimeException errorAt(String attribute, String message) {
    return lexer.error(attributes.position(attribute), message);
  }

  /** Returns the declared shape; operations whose result does not follow from operands need it. */
  Shape shape() {
    if (declared == null) {
      throw error(
          "the result's shape does not follow from the operands; write it before the opcode");
    }
    return declared;
  }

  /** Returns the layouts of the declared shape's arrays. */
  List<Dims> layouts() {
    return laid == null ? List.of() : laid.layouts();
  }

  ArrayShape array() {
    if (shape() instanceof ArrayShape array) {
      return array;
    }
    throw error("expected an array as the result, got " + declared);
  }

  /** Returns the declared type, or the operands' if none is declared and they have one. */
  DType productType() {
    if (declared == null
        && operands.size() >= 2
        && operand(0).shape() instanceof ArrayShape lhs
        && operand(1).shape() instanceof ArrayShape rhs
        && lhs.dtype() == rhs.dtype()) {
      return lhs.dtype();
    }
    return array().dtype();
  }

  PrecisionConfig precision(boolean withAlgorithm) {
    List<String> words = attributes.words("operand_precision");
    if (!words.isEmpty() && words.size() != 2) {
      throw errorAt("operand_precision", "expected two precisions, got " + words.size());
    }
    PrecisionConfig.Algorithm algorithm =
        withAlgorithm
            ? attributes
                .constant(
                    "algorithm",
                    Arrays.asList(PrecisionConfig.Algorithm.values()),
                    PrecisionConfig.Algorithm::hloName)
                .orElse(PrecisionConfig.Algorithm.UNSET)
            : PrecisionConfig.Algorithm.UNSET;
    return words.isEmpty()
        ? new PrecisionConfig(
            PrecisionConfig.Precision.DEFAULT, PrecisionConfig.Precision.DEFAULT, algorithm)
        : new PrecisionConfig(precision(words.get(0)), precision(words.get(1)), algorithm);
  }

  private PrecisionConfig.Precision precision(String word) {
    return Arrays.stream(PrecisionConfig.Precision.values())
        .filter(p -> p.hloName().equals(word))
        .findFirst()
        .orElseThrow(() ->
            errorAt(
                "operand_precision", "expected default, high or highest, got \"" + word + "\""));
  }
}
