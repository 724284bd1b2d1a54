package io.lazytensor.cpu.reference;

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
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Graphs;
import java.util.List;
import java.util.Random;

/** A small graph of each opcode on one device. */
final class Samples {
  private static final ArrayShape MATRIX = ArrayShape.of(DType.F32, 2, 4);
  private static final ArrayShape SCALAR = ArrayShape.scalar(DType.F32);
  private static final ArrayShape ROWS = ArrayShape.of(DType.S32, 2, 1);
  private static final ReplicaGroups ALONE = new ReplicaGroups(List.of(Dims.of(0)), 0, false);

  final GeneratedGraph g = new GeneratedGraph(new Random(21));
  final HloInstruction root;

  private Samples(HloOpcode opcode) {
    root = root(opcode);
  }

  static Samples of(HloOpcode opcode) {
    return new Samples(opcode);
  }

  private HloInstruction x() {
    return x(MATRIX);
  }

  private HloInstruction x(ArrayShape shape) {
    return g.parameter(g.moderate(shape));
  }

  private HloInstruction zero(DType dtype) {
    return g.add(new HloOp.Constant(Literal.scalarBits(dtype, 0)));
  }

  private HloInstruction index() {
    return g.parameter(Literal.scalar(DType.S32, 1));
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
          g.add(new HloOp.Unary(UnaryKind.valueOf(opcode.name())), x());
      case COUNT_LEADING_ZEROS, NOT, POPULATION_COUNT ->
          g.add(new HloOp.Unary(UnaryKind.valueOf(opcode.name())), x(MATRIX.withDType(DType.S32)));
      case ADD, ATAN2, DIVIDE, MAXIMUM, MINIMUM, MULTIPLY, POWER, REMAINDER, SUBTRACT ->
          g.add(new HloOp.Binary(BinaryKind.valueOf(opcode.name())), x(), x());
      case AND, MULHI, OR, SHIFT_LEFT, SHIFT_RIGHT_ARITHMETIC, SHIFT_RIGHT_LOGICAL, XOR ->
          g.add(
              new HloOp.Binary(BinaryKind.valueOf(opcode.name())),
              x(MATRIX.withDType(DType.U16)),
              x(MATRIX.withDType(DType.U16)));
      case BITCAST_CONVERT,
          CLAMP,
          COMPARE,
          COMPLEX,
          CONVERT,
          IMAG,
          IS_FINITE,
          REAL,
          REDUCE_PRECISION,
          SELECT,
          STOCHASTIC_CONVERT ->
          elementwise(opcode);
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
          layout(opcode);
      case CONVOLUTION, DOT, RAGGED_DOT, REDUCE, REDUCE_WINDOW, SELECT_AND_SCATTER, SORT, TOPK ->
          contraction(opcode);
      case BATCH_NORM_GRAD,
          BATCH_NORM_INFERENCE,
          BATCH_NORM_TRAINING,
          CHOLESKY,
          FFT,
          RNG_BIT_GENERATOR,
          TRIANGULAR_SOLVE ->
          library(opcode);
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
          control(opcode);
      case ALL_GATHER,
          ALL_REDUCE,
          ALL_TO_ALL,
          COLLECTIVE_BROADCAST,
          COLLECTIVE_PERMUTE,
          PARTITION_ID,
          REDUCE_SCATTER,
          REPLICA_ID ->
          collective(opcode);
    };
  }

  private HloInstruction elementwise(HloOpcode opcode) {
    return switch (opcode) {
      case BITCAST_CONVERT -> g.add(new HloOp.BitcastConvert(DType.U16), x());
      case CLAMP -> g.add(new HloOp.Clamp(), x(), x(), x());
      case COMPARE -> g.add(new HloOp.Compare(ComparisonDirection.LT, true), x(), x());
      case COMPLEX -> g.add(new HloOp.Complex(), x(), x());
      case CONVERT -> g.add(new HloOp.Convert(DType.BF16), x());
      case IMAG -> g.add(new HloOp.Imag(), x());
      case IS_FINITE -> g.add(new HloOp.IsFinite(), x());
      case REAL -> g.add(new HloOp.Real(), x());
      case REDUCE_PRECISION -> g.add(new HloOp.ReducePrecision(5, 3), x());
      case SELECT -> g.add(new HloOp.Select(), x(MATRIX.withDType(DType.PRED)), x(), x());
      default -> g.add(new HloOp.StochasticConvert(DType.S8), x(), x(MATRIX.withDType(DType.U32)));
    };
  }

  private HloInstruction layout(HloOpcode opcode) {
    return switch (opcode) {
      case BROADCAST -> g.add(new HloOp.Broadcast(Dims.of(2, 3, 4), Dims.of(0, 2)), x());
      case CONCATENATE -> g.add(new HloOp.Concatenate(1), x(), x());
      case CONSTANT -> g.add(new HloOp.Constant(g.moderate(MATRIX)));
      case DYNAMIC_SLICE -> g.add(new HloOp.DynamicSlice(Dims.of(1, 2)), x(), index(), index());
      case DYNAMIC_UPDATE_SLICE ->
          g.add(
              new HloOp.DynamicUpdateSlice(),
              x(),
              x(ArrayShape.of(DType.F32, 1, 2)),
              index(),
              index());
      case GATHER ->
          g.add(
              new HloOp.Gather(
                  new GatherDimensionNumbers(
                      Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1),
                  Dims.of(1, 4),
                  false),
              x(),
              x(ROWS));
      case GET_DIMENSION_SIZE -> g.add(new HloOp.GetDimensionSize(1), x());
      case IOTA -> g.add(new HloOp.Iota(MATRIX, 1));
      case PAD ->
          g.add(
              new HloOp.Pad(new PaddingConfig(Dims.of(-1, 0), Dims.of(2, 1), Dims.of(0, 1))),
              x(),
              zero(DType.F32));
      case PARAMETER -> x();
      case RESHAPE -> g.add(new HloOp.Reshape(Dims.of(8)), x());
      case REVERSE -> g.add(new HloOp.Reverse(Dims.of(0, 1)), x());
      case SCATTER ->
          g.add(
              new HloOp.Scatter(
                  new ScatterDimensionNumbers(
                      Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1),
                  Graphs.reducer(BinaryKind.ADD, DType.F32),
                  false,
                  false),
              x(),
              x(ROWS),
              x());
      case SLICE -> g.add(new HloOp.Slice(Dims.of(0, 1), Dims.of(2, 4), Dims.of(1, 2)), x());
      default -> g.add(new HloOp.Transpose(Dims.of(1, 0)), x());
    };
  }

  private HloInstruction contraction(HloOpcode opcode) {
    HloComputation sum = Graphs.reducer(BinaryKind.ADD, DType.F32);
    Window window = Window.of(WindowDimension.of(2, 2), WindowDimension.of(2, 2));
    return switch (opcode) {
      case CONVOLUTION ->
          g.add(
              new WindowOp.Convolution(
                  Window.of(new WindowDimension(3, 2, 1, 0, 2, 1, true)),
                  new ConvolutionDimensionNumbers(
                      0, 2, Dims.of(1), 1, 2, Dims.of(0), 0, 2, Dims.of(1)),
                  1,
                  1,
                  PrecisionConfig.DEFAULT,
                  DType.F32),
              x(ArrayShape.of(DType.F32, 2, 6, 3)),
              x(ArrayShape.of(DType.F32, 3, 3, 4)));
      case DOT ->
          g.add(
              new HloOp.Dot(
                  new DotDimensionNumbers(Dims.of(1), Dims.of(1), Dims.of(), Dims.of()), DType.F32),
              x(),
              x());
      case RAGGED_DOT ->
          g.add(
              new HloOp.RaggedDot(
                  new RaggedDotDimensionNumbers(
                      new DotDimensionNumbers(Dims.of(1), Dims.of(1), Dims.of(), Dims.of()),
                      Dims.of(0),
                      Dims.of(0)),
                  DType.F32),
              x(),
              x(ArrayShape.of(DType.F32, 3, 4, 2)),
              g.parameter(Literal.ofInts(Dims.of(3), 1, 0, 1)));
      case REDUCE -> g.add(new HloOp.Reduce(Dims.of(1), sum), x(), zero(DType.F32));
      case REDUCE_WINDOW -> g.add(new WindowOp.ReduceWindow(window, sum), x(), zero(DType.F32));
      case SELECT_AND_SCATTER ->
          g.add(
              new WindowOp.SelectAndScatter(
                  window, WindowOracleTest.comparator(ComparisonDirection.GE, DType.F32), sum),
              x(),
              x(ArrayShape.of(DType.F32, 1, 2)),
              zero(DType.F32));
      case SORT ->
          g.add(
              new OrderOp.Sort(
                  1, WindowOracleTest.comparator(ComparisonDirection.LT, DType.F32), true),
              x());
      default -> g.add(new OrderOp.TopK(2, true), x());
    };
  }

  private HloInstruction library(HloOpcode opcode) {
    ArrayShape features = ArrayShape.of(DType.F32, 4);
    HloInstruction ones = g.add(new HloOp.Broadcast(Dims.of(4), Dims.of()), one());
    return switch (opcode) {
      case BATCH_NORM_GRAD ->
          g.add(new LibraryOp.BatchNormGrad(0.1f, 1), x(), x(features), x(features), ones, x());
      case BATCH_NORM_INFERENCE ->
          g.add(
              new LibraryOp.BatchNormInference(0.1f, 1),
              x(),
              x(features),
              x(features),
              x(features),
              ones);
      case BATCH_NORM_TRAINING ->
          g.add(new LibraryOp.BatchNormTraining(0.1f, 1), x(), x(features), x(features));
      case CHOLESKY ->
          g.add(
              new LibraryOp.Cholesky(true),
              g.parameter(Literal.ofFloats(Dims.of(2, 2), 4, 2, 2, 3)));
      case FFT -> g.add(new LibraryOp.Fft(LibraryOp.FftKind.RFFT, Dims.of(4)), x());
      case RNG_BIT_GENERATOR ->
          g.add(
              new LibraryOp.RngBitGenerator(LibraryOp.RandomAlgorithm.PHILOX, MATRIX),
              x(ArrayShape.of(DType.U64, 3)));
      default ->
          g.add(
              new LibraryOp.TriangularSolve(true, true, false, LibraryOp.Transposition.TRANSPOSE),
              g.parameter(Literal.ofFloats(Dims.of(2, 2), 4, 2, 2, 3)),
              x());
    };
  }

  private HloInstruction one() {
    return g.add(new HloOp.Constant(Literal.scalar(DType.F32, 1)));
  }

  private HloInstruction control(HloOpcode opcode) {
    HloComputation negation = function(MATRIX);
    return switch (opcode) {
      case ADD_DEPENDENCY, AFTER_ALL ->
          g.add(new ControlOp.AddDependency(), x(), g.add(new ControlOp.AfterAll()));
      case CALL -> g.add(new HloOp.Call(negation), x());
      case CONDITIONAL ->
          g.add(
              new ControlOp.Conditional(List.of(negation, negation, negation)),
              index(),
              x(),
              x(),
              x());
      case CUSTOM_CALL ->
          g.add(new ControlOp.CustomCall("mhlo.tan", MATRIX, "", 0, false, List.of()), x());
      case FUSION -> g.add(new ControlOp.Fusion("kLoop", negation), x());
      case GET_TUPLE_ELEMENT, TUPLE ->
          g.add(new HloOp.GetTupleElement(1), g.add(new HloOp.Tuple(), x(), x(SCALAR)));
      case MAP -> g.add(new ControlOp.Map(function(SCALAR)), x());
      case OPTIMIZATION_BARRIER -> g.add(new ControlOp.OptimizationBarrier(), x());
      case SCAN -> scan();
      default -> loop();
    };
  }

  private HloComputation function(ArrayShape shape) {
    HloInstruction p = g.add(new HloOp.Parameter(0, shape));
    return HloComputation.of("negation", List.of(p), g.add(new HloOp.Unary(UnaryKind.NEGATE), p));
  }

  private HloInstruction scan() {
    ArrayShape row = ArrayShape.of(DType.F32, 4);
    HloInstruction slice = g.add(new HloOp.Parameter(0, row));
    HloInstruction carry = g.add(new HloOp.Parameter(1, row));
    HloInstruction sum = g.add(new HloOp.Binary(BinaryKind.ADD), slice, carry);
    HloComputation step =
        HloComputation.of("step", List.of(slice, carry), g.add(new HloOp.Tuple(), sum, sum));
    return g.add(new ControlOp.Scan(0, true, 1, ControlOp.Tristate.TRUE, step), x(), x(row));
  }

  /** Doubles numbers until the first is at least 100. */
  private HloInstruction loop() {
    HloInstruction p = g.add(new HloOp.Parameter(0, SCALAR));
    HloComputation condition =
        HloComputation.of(
            "condition",
            List.of(p),
            g.add(
                new HloOp.Compare(ComparisonDirection.LT, false),
                p,
                g.add(new HloOp.Constant(Literal.scalar(DType.F32, 100)))));
    HloComputation body =
        HloComputation.of("body", List.of(p), g.add(new HloOp.Binary(BinaryKind.ADD), p, p));
    return g.add(new ControlOp.While(condition, body), g.parameter(Literal.scalar(DType.F32, 3)));
  }

  private HloInstruction collective(HloOpcode opcode) {
    HloComputation sum = Graphs.reducer(BinaryKind.ADD, DType.F32);
    return switch (opcode) {
      case ALL_GATHER -> g.add(new CollectiveOp.AllGather(1, 1, ALONE), x());
      case ALL_REDUCE -> g.add(new CollectiveOp.AllReduce(sum, ALONE), x());
      case ALL_TO_ALL -> g.add(new CollectiveOp.AllToAll(0, ALONE), x());
      case COLLECTIVE_BROADCAST -> g.add(new CollectiveOp.CollectiveBroadcast(ALONE), x());
      case COLLECTIVE_PERMUTE -> g.add(new CollectiveOp.CollectivePermute(List.of(), 0), x());
      case PARTITION_ID -> g.add(new CollectiveOp.PartitionId());
      case REDUCE_SCATTER -> g.add(new CollectiveOp.ReduceScatter(0, 1, sum, ALONE), x());
      default -> g.add(new CollectiveOp.ReplicaId());
    };
  }
}
