package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.Set;

/**
 * Makes the operation of an instruction. The switch has a case for each opcode, so that one nobody
 * can read does not compile.
 */
final class OpReader {
  private static final Set<String> COMPARISON_TYPES =
      Set.of("", "FLOAT", "TOTALORDER", "SIGNED", "UNSIGNED");

  private OpReader() {}

  /** Returns the operation. */
  static HloOp read(HloOpcode opcode, InstructionProto in) {
    return switch (opcode) {
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
          new HloOp.Unary(UnaryKind.valueOf(opcode.name()));
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
          new HloOp.Binary(BinaryKind.valueOf(opcode.name()));
      case BITCAST_CONVERT -> new HloOp.BitcastConvert(in.arrayShape().dtype());
      case CLAMP -> new HloOp.Clamp();
      case COMPARE -> compare(in, in.text(COMPARISON_DIRECTION));
      case COMPLEX -> new HloOp.Complex();
      case CONVERT -> new HloOp.Convert(in.arrayShape().dtype());
      case IMAG -> new HloOp.Imag();
      case IS_FINITE -> new HloOp.IsFinite();
      case REAL -> new HloOp.Real();
      case REDUCE_PRECISION ->
          new HloOp.ReducePrecision(in.int32(EXPONENT_BITS), in.int32(MANTISSA_BITS));
      case SELECT -> new HloOp.Select();
      case STOCHASTIC_CONVERT -> new HloOp.StochasticConvert(in.arrayShape().dtype());

      case BROADCAST -> new HloOp.Broadcast(in.arrayShape().dims(), in.list(DIMENSIONS));
      case CONCATENATE -> new HloOp.Concatenate(in.dimension());
      case CONSTANT -> ArrayOpReader.constant(in);
      case DYNAMIC_SLICE -> new HloOp.DynamicSlice(in.list(DYNAMIC_SLICE_SIZES));
      case DYNAMIC_UPDATE_SLICE -> new HloOp.DynamicUpdateSlice();
      case GATHER -> ArrayOpReader.gather(in);
      case GET_DIMENSION_SIZE -> new HloOp.GetDimensionSize(in.dimension());
      case IOTA -> new HloOp.Iota(in.arrayShape(), in.dimension());
      case PAD -> ArrayOpReader.pad(in);
      case PARAMETER -> new HloOp.Parameter(in.number(PARAMETER_NUMBER), in.shape());
      case RESHAPE -> new HloOp.Reshape(in.arrayShape().dims());
      case REVERSE -> new HloOp.Reverse(in.list(DIMENSIONS));
      case SCATTER -> ArrayOpReader.scatter(in);
      case SLICE -> ArrayOpReader.slice(in);
      case TRANSPOSE -> new HloOp.Transpose(in.list(DIMENSIONS));

      case CONVOLUTION -> ContractOpReader.convolution(in);
      case DOT -> ContractOpReader.dot(in);
      case RAGGED_DOT -> ContractOpReader.raggedDot(in);
      case REDUCE -> new HloOp.Reduce(in.list(DIMENSIONS), in.calledAlone());
      case REDUCE_WINDOW -> ContractOpReader.reduceWindow(in);
      case SELECT_AND_SCATTER -> ContractOpReader.selectAndScatter(in);
      case SORT -> new OrderOp.Sort(in.dimension(), in.calledAlone(), in.bool(IS_STABLE));
      case TOPK -> new OrderOp.TopK(in.number(K), in.bool(LARGEST));

      case BATCH_NORM_GRAD -> new LibraryOp.BatchNormGrad(in.epsilon(), in.number(FEATURE_INDEX));
      case BATCH_NORM_INFERENCE ->
          new LibraryOp.BatchNormInference(in.epsilon(), in.number(FEATURE_INDEX));
      case BATCH_NORM_TRAINING ->
          new LibraryOp.BatchNormTraining(in.epsilon(), in.number(FEATURE_INDEX));
      case CHOLESKY -> LibraryOpReader.cholesky(in);
      case FFT -> LibraryOpReader.fft(in);
      case RNG_BIT_GENERATOR -> LibraryOpReader.rngBitGenerator(in);
      case TRIANGULAR_SOLVE -> LibraryOpReader.triangularSolve(in);

      case ADD_DEPENDENCY -> new ControlOp.AddDependency();
      case AFTER_ALL -> new ControlOp.AfterAll();
      case CALL -> new HloOp.Call(in.calledAlone());
      case CONDITIONAL -> new ControlOp.Conditional(in.called());
      case CUSTOM_CALL -> ControlOpReader.customCall(in);
      case FUSION -> ControlOpReader.fusion(in);
      case GET_TUPLE_ELEMENT -> new HloOp.GetTupleElement(in.number(TUPLE_INDEX));
      case MAP -> new ControlOp.Map(in.calledAlone());
      case OPTIMIZATION_BARRIER -> new ControlOp.OptimizationBarrier();
      case SCAN -> ControlOpReader.scan(in);
      case TUPLE -> new HloOp.Tuple();
      case WHILE -> ControlOpReader.loop(in);

      case ALL_GATHER -> CollectiveOpReader.allGather(in);
      case ALL_REDUCE -> CollectiveOpReader.allReduce(in);
      case ALL_TO_ALL -> CollectiveOpReader.allToAll(in);
      case COLLECTIVE_BROADCAST -> CollectiveOpReader.broadcast(in);
      case COLLECTIVE_PERMUTE -> CollectiveOpReader.permute(in);
      case PARTITION_ID -> new CollectiveOp.PartitionId();
      case REDUCE_SCATTER -> CollectiveOpReader.reduceScatter(in);
      case REPLICA_ID -> new CollectiveOp.ReplicaId();
    };
  }

  /** Reads a comparison, also of the files that had an opcode for each direction. */
  static HloOp compare(InstructionProto in, String direction) {
    ComparisonDirection asked = null;
    for (ComparisonDirection d : ComparisonDirection.values()) {
      if (d.name().equals(direction)) {
        asked = d;
      }
    }
    if (asked == null) {
      throw in.broken("has the comparison direction \"%s\"".formatted(direction));
    }
    String type = in.text(COMPARISON_TYPE);
    if (!COMPARISON_TYPES.contains(type)) {
      throw in.broken("has the comparison type \"%s\"".formatted(type));
    }
    ArrayShape operand = in.operandArray(0);
    // XLA takes every type but FLOAT for the total order, and the sign from the elements.
    boolean total = !type.isEmpty() && !type.equals("FLOAT");
    boolean equality = asked == ComparisonDirection.EQ || asked == ComparisonDirection.NE;
    if (operand.dtype().isComplex() && (total || !equality)) {
      throw in.unsupported("an order of " + operand + " is");
    }
    String usual = comparisonType(operand.dtype(), false);
    if (type.equals("FLOAT") && !type.equals(usual)) {
      throw in.broken("compares %s as %s; %s is expected".formatted(operand, type, usual));
    }
    return new HloOp.Compare(asked, total && operand.dtype().isFloating());
  }

  /** Returns XLA's name of the way elements of a type are compared. */
  static String comparisonType(DType type, boolean totalOrder) {
    if (type.isFloating() || type.isComplex()) {
      return totalOrder ? "TOTALORDER" : "FLOAT";
    }
    return type.isSigned() ? "SIGNED" : "UNSIGNED";
  }
}
