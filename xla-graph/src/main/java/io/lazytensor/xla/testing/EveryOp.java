package io.lazytensor.xla.testing;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A small valid module for each opcode. The switch has a case for each, so that an opcode without a
 * module does not compile.
 */
public final class EveryOp {
  private static final ArrayShape F32 = ArrayShape.scalar(DType.F32);
  private static final ArrayShape S32 = ArrayShape.scalar(DType.S32);
  private static final ArrayShape MATRIX = ArrayShape.of(DType.F32, 2, 3);
  private static final ArrayShape IMAGE = ArrayShape.of(DType.F32, 1, 4, 4, 2);
  private static final ReplicaGroups PAIR = new ReplicaGroups(List.of(Dims.of(0, 1)), 0, false);

  private final HloBuilder b = new HloBuilder();
  private final List<HloInstruction> parameters = new ArrayList<>();

  private EveryOp() {}

  /** Returns a module of each opcode. Collective operations are for two replicas. */
  public static Map<HloOpcode, HloModule> modules() {
    Map<HloOpcode, HloModule> out = new EnumMap<>(HloOpcode.class);
    for (HloOpcode opcode : HloOpcode.values()) {
      out.put(opcode, module(opcode));
    }
    return out;
  }

  /** Returns a module whose entry computation has an operation with the opcode. */
  public static HloModule module(HloOpcode opcode) {
    EveryOp builder = new EveryOp();
    HloInstruction root = builder.root(opcode);
    HloModule module =
        new HloModule(
            "of_" + opcode.hloName(),
            HloComputation.of("main", builder.parameters, root),
            List.of());
    return root.op() instanceof CollectiveOp ? module.withReplicas(2) : module;
  }

  private HloInstruction root(HloOpcode opcode) {
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
          ERF,
          EXPONENTIAL,
          EXPONENTIAL_MINUS_ONE,
          FLOOR,
          LOG,
          LOG_PLUS_ONE,
          LOGISTIC,
          NEGATE,
          ROUND_NEAREST_AFZ,
          ROUND_NEAREST_EVEN,
          RSQRT,
          SIGN,
          SINE,
          SINH,
          SQRT,
          TAN,
          TANH ->
          unary(opcode, MATRIX);
      case COUNT_LEADING_ZEROS, NOT, POPULATION_COUNT -> unary(opcode, ints(DType.U8));
      case ADD, ATAN2, DIVIDE, MAXIMUM, MINIMUM, MULTIPLY, POWER, REMAINDER, SUBTRACT ->
          binary(opcode, MATRIX);
      case AND, MULHI, OR, SHIFT_LEFT, SHIFT_RIGHT_ARITHMETIC, SHIFT_RIGHT_LOGICAL, XOR ->
          binary(opcode, ints(DType.S32));
      case BITCAST_CONVERT -> b.add(new HloOp.BitcastConvert(DType.U16), parameter(MATRIX));
      case CLAMP ->
          b.add(new HloOp.Clamp(), parameter(MATRIX), parameter(MATRIX), parameter(MATRIX));
      case COMPARE ->
          b.add(
              new HloOp.Compare(ComparisonDirection.LT, true),
              parameter(MATRIX),
              parameter(MATRIX));
      case COMPLEX -> b.add(new HloOp.Complex(), parameter(MATRIX), parameter(MATRIX));
      case CONVERT -> b.add(new HloOp.Convert(DType.BF16), parameter(MATRIX));
      case IMAG -> b.add(new HloOp.Imag(), parameter(MATRIX.withDType(DType.C64)));
      case IS_FINITE -> b.add(new HloOp.IsFinite(), parameter(MATRIX));
      case REAL -> b.add(new HloOp.Real(), parameter(MATRIX.withDType(DType.C128)));
      case REDUCE_PRECISION -> b.add(new HloOp.ReducePrecision(5, 10), parameter(MATRIX));
      case SELECT ->
          b.select(parameter(MATRIX.withDType(DType.PRED)), parameter(MATRIX), parameter(MATRIX));
      case STOCHASTIC_CONVERT ->
          b.add(
              new HloOp.StochasticConvert(DType.BF16),
              parameter(MATRIX),
              parameter(MATRIX.withDType(DType.U32)));
      case BROADCAST,
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
          TRANSPOSE ->
          ofElements(opcode);
      case CONVOLUTION, DOT, RAGGED_DOT, REDUCE, REDUCE_WINDOW, SELECT_AND_SCATTER, SORT, TOPK ->
          ofContraction(opcode);
      case BATCH_NORM_GRAD,
          BATCH_NORM_INFERENCE,
          BATCH_NORM_TRAINING,
          CHOLESKY,
          FFT,
          RNG_BIT_GENERATOR,
          TRIANGULAR_SOLVE ->
          ofLibrary(opcode);
      case ADD_DEPENDENCY,
          AFTER_ALL,
          CALL,
          CONDITIONAL,
          CUSTOM_CALL,
          FUSION,
          GET_TUPLE_ELEMENT,
          MAP,
          OPTIMIZATION_BARRIER,
          SCAN,
          TUPLE,
          WHILE ->
          ofControl(opcode);
      case ALL_GATHER,
          ALL_REDUCE,
          ALL_TO_ALL,
          COLLECTIVE_BROADCAST,
          COLLECTIVE_PERMUTE,
          PARTITION_ID,
          REDUCE_SCATTER,
          REPLICA_ID ->
          ofDevices(opcode);
    };
  }

  private HloInstruction ofElements(HloOpcode opcode) {
    return switch (opcode) {
      case BROADCAST ->
          b.add(new HloOp.Broadcast(Dims.of(2, 4, 3), Dims.of(0, 2)), parameter(MATRIX));
      case CONCATENATE -> b.add(new HloOp.Concatenate(1), parameter(MATRIX), parameter(MATRIX));
      case CONSTANT ->
          b.add(new HloOp.Constant(Literal.ofFloats(Dims.of(2, 2), -0f, 1, Float.NaN, 0x1p-149f)));
      case DYNAMIC_SLICE ->
          b.add(
              new HloOp.DynamicSlice(Dims.of(1, 2)),
              parameter(MATRIX),
              parameter(S32),
              parameter(S32));
      case DYNAMIC_UPDATE_SLICE ->
          b.add(
              new HloOp.DynamicUpdateSlice(),
              parameter(MATRIX),
              parameter(ArrayShape.of(DType.F32, 1, 2)),
              parameter(S32),
              parameter(S32));
      case GATHER ->
          b.add(
              new HloOp.Gather(
                  new GatherDimensionNumbers(
                      Dims.of(1), Dims.of(1), Dims.of(0), Dims.of(0), Dims.of(1), 2),
                  Dims.of(1, 1, 5),
                  true),
              parameter(ArrayShape.of(DType.F32, 2, 4, 5)),
              parameter(ArrayShape.of(DType.S32, 2, 3, 1)));
      case GET_DIMENSION_SIZE -> b.add(new HloOp.GetDimensionSize(1), parameter(MATRIX));
      case IOTA -> b.add(new HloOp.Iota(MATRIX.withDType(DType.U64), 1));
      case PAD ->
          b.add(
              new HloOp.Pad(new PaddingConfig(Dims.of(-1, 0), Dims.of(2, 1), Dims.of(0, 3))),
              parameter(MATRIX),
              parameter(F32));
      case PARAMETER -> parameter(MATRIX);
      case RESHAPE -> b.add(new HloOp.Reshape(Dims.of(3, 1, 2)), parameter(MATRIX));
      case REVERSE -> b.add(new HloOp.Reverse(Dims.of(0, 1)), parameter(MATRIX));
      case SCATTER ->
          b.add(
              new HloOp.Scatter(
                  new ScatterDimensionNumbers(
                      Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1),
                  HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32),
                  false,
                  true),
              parameter(MATRIX),
              parameter(ArrayShape.of(DType.S32, 2, 1)),
              parameter(MATRIX));
      case SLICE ->
          b.add(new HloOp.Slice(Dims.of(0, 1), Dims.of(2, 3), Dims.of(1, 2)), parameter(MATRIX));
      case TRANSPOSE -> b.transpose(parameter(MATRIX), Dims.of(1, 0));
      default -> throw unknown(opcode);
    };
  }

  private HloInstruction ofContraction(HloOpcode opcode) {
    HloComputation sum = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);
    return switch (opcode) {
      case CONVOLUTION ->
          b.add(
              new WindowOp.Convolution(
                  Window.of(
                      new WindowDimension(3, 2, 1, -1, 2, 1, true),
                      new WindowDimension(2, 1, 0, 0, 1, 2, false)),
                  new ConvolutionDimensionNumbers(
                      0, 3, Dims.of(1, 2), 2, 3, Dims.of(0, 1), 0, 3, Dims.of(1, 2)),
                  2,
                  1,
                  new PrecisionConfig(
                      PrecisionConfig.Precision.HIGHEST,
                      PrecisionConfig.Precision.DEFAULT,
                      PrecisionConfig.Algorithm.UNSET),
                  DType.F32),
              parameter(IMAGE),
              parameter(ArrayShape.of(DType.F32, 3, 2, 1, 4)));
      case DOT ->
          b.add(
              new HloOp.Dot(
                  new DotDimensionNumbers(Dims.of(2), Dims.of(1), Dims.of(0), Dims.of(0)),
                  DType.F32,
                  new PrecisionConfig(
                      PrecisionConfig.Precision.HIGH,
                      PrecisionConfig.Precision.HIGHEST,
                      PrecisionConfig.Algorithm.UNSET)),
              parameter(ArrayShape.of(DType.F32, 2, 3, 4)),
              parameter(ArrayShape.of(DType.F32, 2, 4, 5)));
      case RAGGED_DOT ->
          b.add(
              new HloOp.RaggedDot(
                  new RaggedDotDimensionNumbers(
                      new DotDimensionNumbers(Dims.of(2), Dims.of(2), Dims.of(0), Dims.of(1)),
                      Dims.of(1),
                      Dims.of(0)),
                  DType.F32,
                  new PrecisionConfig(
                      PrecisionConfig.Precision.DEFAULT,
                      PrecisionConfig.Precision.HIGHEST,
                      PrecisionConfig.Algorithm.UNSET)),
              parameter(ArrayShape.of(DType.F32, 2, 3, 4)),
              parameter(ArrayShape.of(DType.F32, 6, 2, 4, 5)),
              parameter(ArrayShape.of(DType.S64, 2, 6)));
      case REDUCE -> b.add(new HloOp.Reduce(Dims.of(1), sum), parameter(MATRIX), parameter(F32));
      case REDUCE_WINDOW ->
          b.add(
              new WindowOp.ReduceWindow(
                  Window.of(WindowDimension.of(1, 1), new WindowDimension(2, 1, 1, 0, 1, 1, false)),
                  sum),
              parameter(MATRIX),
              parameter(F32));
      case SELECT_AND_SCATTER ->
          b.add(
              new WindowOp.SelectAndScatter(
                  Window.of(WindowDimension.of(2, 2), WindowDimension.of(2, 2)),
                  comparator(ComparisonDirection.GE),
                  sum),
              parameter(ArrayShape.of(DType.F32, 4, 4)),
              parameter(ArrayShape.of(DType.F32, 2, 2)),
              parameter(F32));
      case SORT ->
          b.add(new OrderOp.Sort(1, comparator(ComparisonDirection.LT), true), parameter(MATRIX));
      case TOPK -> b.add(new OrderOp.TopK(2, true), parameter(MATRIX));
      default -> throw unknown(opcode);
    };
  }

  private HloInstruction ofLibrary(HloOpcode opcode) {
    ArrayShape features = ArrayShape.of(DType.F32, 2);
    ArrayShape square = ArrayShape.of(DType.F32, 3, 3);
    return switch (opcode) {
      case BATCH_NORM_GRAD ->
          b.add(
              new LibraryOp.BatchNormGrad(1e-5f, 3),
              parameter(IMAGE),
              parameter(features),
              parameter(features),
              parameter(features),
              parameter(IMAGE));
      case BATCH_NORM_INFERENCE ->
          b.add(
              new LibraryOp.BatchNormInference(1e-5f, 3),
              parameter(IMAGE),
              parameter(features),
              parameter(features),
              parameter(features),
              parameter(features));
      case BATCH_NORM_TRAINING ->
          b.add(
              new LibraryOp.BatchNormTraining(1e-5f, 3),
              parameter(IMAGE),
              parameter(features),
              parameter(features));
      case CHOLESKY -> b.add(new LibraryOp.Cholesky(true), parameter(square));
      case FFT ->
          b.add(
              new LibraryOp.Fft(LibraryOp.FftKind.RFFT, Dims.of(4)),
              parameter(ArrayShape.of(DType.F32, 2, 4)));
      case RNG_BIT_GENERATOR ->
          b.add(
              new LibraryOp.RngBitGenerator(
                  LibraryOp.RandomAlgorithm.THREE_FRY, MATRIX.withDType(DType.U32)),
              parameter(ArrayShape.of(DType.U64, 2)));
      case TRIANGULAR_SOLVE ->
          b.add(
              new LibraryOp.TriangularSolve(true, true, false, LibraryOp.Transposition.TRANSPOSE),
              parameter(square),
              parameter(ArrayShape.of(DType.F32, 3, 1)));
      default -> throw unknown(opcode);
    };
  }

  private HloInstruction ofControl(HloOpcode opcode) {
    HloComputation negation = function("negation", MATRIX, UnaryKind.NEGATE);
    return switch (opcode) {
      case ADD_DEPENDENCY ->
          b.add(new ControlOp.AddDependency(), parameter(MATRIX), b.add(new ControlOp.AfterAll()));
      case AFTER_ALL ->
          b.add(
              new ControlOp.AddDependency(),
              parameter(MATRIX),
              b.add(new ControlOp.AfterAll(), b.add(new ControlOp.AfterAll())));
      case CALL -> b.add(new HloOp.Call(negation), parameter(MATRIX));
      case CONDITIONAL ->
          b.add(
              new ControlOp.Conditional(
                  List.of(negation, function("magnitude", MATRIX, UnaryKind.ABS))),
              parameter(ArrayShape.scalar(DType.PRED)),
              parameter(MATRIX),
              parameter(MATRIX));
      case CUSTOM_CALL ->
          b.add(
              new ControlOp.CustomCall(
                  "lazytensor.test", MATRIX, "bytes \u0000\u00ff", 2, true, List.of()),
              parameter(MATRIX));
      case FUSION -> b.add(new ControlOp.Fusion("kLoop", negation), parameter(MATRIX));
      case GET_TUPLE_ELEMENT ->
          b.add(
              new HloOp.GetTupleElement(1),
              b.add(new HloOp.Tuple(), parameter(F32), parameter(MATRIX)));
      case MAP ->
          b.add(
              new ControlOp.Map(function("scalar_negation", F32, UnaryKind.NEGATE)),
              parameter(MATRIX));
      case OPTIMIZATION_BARRIER -> b.add(new ControlOp.OptimizationBarrier(), parameter(MATRIX));
      case SCAN -> scan();
      case TUPLE -> b.add(new HloOp.Tuple(), parameter(MATRIX), parameter(S32));
      case WHILE -> loop();
      default -> throw unknown(opcode);
    };
  }

  private HloInstruction ofDevices(HloOpcode opcode) {
    HloComputation sum = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);
    return switch (opcode) {
      case ALL_GATHER -> b.add(new CollectiveOp.AllGather(1, 2, PAIR), parameter(MATRIX));
      case ALL_REDUCE -> b.add(new CollectiveOp.AllReduce(sum, PAIR), parameter(MATRIX));
      case ALL_TO_ALL -> b.add(new CollectiveOp.AllToAll(0, PAIR), parameter(MATRIX));
      case COLLECTIVE_BROADCAST ->
          b.add(new CollectiveOp.CollectiveBroadcast(PAIR), parameter(MATRIX));
      case COLLECTIVE_PERMUTE ->
          b.add(
              new CollectiveOp.CollectivePermute(List.of(Dims.of(0, 1), Dims.of(1, 0)), 0),
              parameter(MATRIX));
      case PARTITION_ID -> b.add(new CollectiveOp.PartitionId());
      case REDUCE_SCATTER ->
          b.add(new CollectiveOp.ReduceScatter(0, 2, sum, PAIR), parameter(MATRIX));
      case REPLICA_ID -> b.add(new CollectiveOp.ReplicaId());
      default -> throw unknown(opcode);
    };
  }

  /** Sums the rows of a matrix, and hands each row's sum on to the next. */
  private HloInstruction scan() {
    ArrayShape row = ArrayShape.of(DType.F32, 3);
    HloInstruction slice = b.add(new HloOp.Parameter(0, row));
    HloInstruction carry = b.add(new HloOp.Parameter(1, row));
    HloInstruction next = b.plus(slice, carry);
    HloComputation step =
        HloComputation.of("step", List.of(slice, carry), b.add(new HloOp.Tuple(), next, next));
    return b.add(
        new ControlOp.Scan(0, true, 1, ControlOp.Tristate.TRUE, step),
        parameter(MATRIX),
        parameter(row));
  }

  /** Doubles a matrix three times. */
  private HloInstruction loop() {
    Shape state = new TupleShape(List.of(S32, MATRIX));
    HloInstruction s = b.add(new HloOp.Parameter(0, state));
    HloInstruction count = b.add(new HloOp.GetTupleElement(0), s);
    HloInstruction x = b.add(new HloOp.GetTupleElement(1), s);
    HloComputation condition =
        HloComputation.of(
            "condition",
            List.of(s),
            b.compare(ComparisonDirection.LT, count, b.constant(DType.S32, 3)));
    HloComputation body =
        HloComputation.of(
            "body",
            List.of(s),
            b.add(new HloOp.Tuple(), b.plus(count, b.constant(DType.S32, 1)), b.plus(x, x)));
    return b.add(
        new ControlOp.While(condition, body),
        b.add(new HloOp.Tuple(), parameter(S32), parameter(MATRIX)));
  }

  private HloInstruction parameter(Shape shape) {
    HloInstruction parameter = b.add(new HloOp.Parameter(parameters.size(), shape));
    parameters.add(parameter);
    return parameter;
  }

  private HloInstruction unary(HloOpcode opcode, ArrayShape shape) {
    return b.unary(UnaryKind.valueOf(opcode.name()), parameter(shape));
  }

  private HloInstruction binary(HloOpcode opcode, ArrayShape shape) {
    return b.binary(BinaryKind.valueOf(opcode.name()), parameter(shape), parameter(shape));
  }

  private static ArrayShape ints(DType type) {
    return MATRIX.withDType(type);
  }

  private HloComputation function(String name, ArrayShape shape, UnaryKind kind) {
    HloInstruction x = b.add(new HloOp.Parameter(0, shape));
    return HloComputation.of(name, List.of(x), b.unary(kind, x));
  }

  private HloComputation comparator(ComparisonDirection direction) {
    HloInstruction x = b.add(new HloOp.Parameter(0, F32));
    HloInstruction y = b.add(new HloOp.Parameter(1, F32));
    return HloComputation.of("comparator", List.of(x, y), b.compare(direction, x, y));
  }

  private static IllegalArgumentException unknown(HloOpcode opcode) {
    return new IllegalArgumentException(opcode.hloName());
  }
}
