package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.WindowOp;

/**
 * Writes the fields that belong to an operation. The switch has a case for each, so that one nobody
 * can write does not compile.
 */
final class OpWriter {
  private OpWriter() {}

  static void write(WireWriter out, HloInstruction instruction) {
    switch (instruction.op()) {
      case HloOp.Parameter parameter -> out.varint(PARAMETER_NUMBER, parameter.number());
      case HloOp.Constant constant -> LiteralProto.write(out, LITERAL, constant.literal());
      case HloOp.Iota iota -> dimension(out, iota.dimension());
      case HloOp.Compare compare -> {
        out.string(COMPARISON_DIRECTION, compare.direction().name());
        out.string(COMPARISON_TYPE, comparisonType(instruction, compare));
      }
      case HloOp.ReducePrecision reduce -> {
        out.varint(EXPONENT_BITS, reduce.exponentBits());
        out.varint(MANTISSA_BITS, reduce.mantissaBits());
      }
      case HloOp.Broadcast broadcast -> out.packed(DIMENSIONS, broadcast.dimensions());
      case HloOp.Transpose transpose -> out.packed(DIMENSIONS, transpose.permutation());
      case HloOp.Reverse reverse -> out.packed(DIMENSIONS, reverse.dimensions());
      case HloOp.Slice slice -> slice(out, slice);
      case HloOp.DynamicSlice slice -> out.packed(DYNAMIC_SLICE_SIZES, slice.sizes());
      case HloOp.Concatenate concatenate -> dimension(out, concatenate.dimension());
      case HloOp.Pad pad -> pad(out, pad.padding());
      case HloOp.Gather gather -> gather(out, gather);
      case HloOp.Scatter scatter -> scatter(out, scatter);
      case HloOp.Reduce reduce -> out.packed(DIMENSIONS, reduce.dimensions());
      case HloOp.Dot dot -> {
        dot(out, DOT_DIMENSION_NUMBERS, dot.dimensionNumbers());
        precision(out, dot.precision());
      }
      case HloOp.RaggedDot dot -> {
        raggedDot(out, dot.dimensionNumbers());
        precision(out, dot.precision());
      }
      case HloOp.GetDimensionSize size -> dimension(out, size.dimension());
      case HloOp.GetTupleElement element -> out.varint(TUPLE_INDEX, element.index());
      case WindowOp window -> WindowOpWriter.write(out, window);
      case OrderOp.Sort sort -> {
        dimension(out, sort.dimension());
        out.bool(IS_STABLE, sort.stable());
      }
      case OrderOp.TopK topK -> {
        out.varint(K, topK.k());
        out.bool(LARGEST, topK.largest());
      }
      case LibraryOp library -> LibraryOpWriter.write(out, library);
      case ControlOp control -> ControlOpWriter.write(out, control, instruction);
      case CollectiveOp collective -> CollectiveOpWriter.write(out, collective);
      case HloOp.Unary _,
          HloOp.Binary _,
          HloOp.IsFinite _,
          HloOp.Select _,
          HloOp.Clamp _,
          HloOp.Convert _,
          HloOp.BitcastConvert _,
          HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.StochasticConvert _,
          HloOp.Reshape _,
          HloOp.DynamicUpdateSlice _,
          HloOp.Tuple _,
          HloOp.Call _ -> {
        // Operands, called computations and the shape say everything.
      }
    }
  }

  /** Writes the only dimension, also if it is 0: a repeated field has as many as are written. */
  static void dimension(WireWriter out, int dimension) {
    out.packed(DIMENSIONS, Dims.of(dimension));
  }

  private static String comparisonType(HloInstruction instruction, HloOp.Compare compare) {
    return OpReader.comparisonType(
        instruction.operand(0).arrayShape().dtype(), compare.totalOrder());
  }

  private static void slice(WireWriter out, HloOp.Slice slice) {
    for (int i = 0; i < slice.start().size(); i++) {
      int dim = i;
      int message = out.begin(SLICE_DIMENSIONS);
      out.varint(1, slice.start().get(dim));
      out.varint(2, slice.limit().get(dim));
      out.varint(3, slice.stride().get(dim));
      out.end(message);
    }
  }

  private static void pad(WireWriter out, PaddingConfig padding) {
    int message = out.begin(PADDING_CONFIG);
    for (int dim = 0; dim < padding.low().size(); dim++) {
      int dimension = out.begin(1);
      out.varint(1, padding.low().get(dim));
      out.varint(2, padding.high().get(dim));
      out.varint(3, padding.interior().get(dim));
      out.end(dimension);
    }
    out.end(message);
  }

  private static void gather(WireWriter out, HloOp.Gather gather) {
    GatherDimensionNumbers numbers = gather.dimensionNumbers();
    int message = out.begin(GATHER_DIMENSION_NUMBERS);
    out.packed(1, numbers.offsetDims());
    out.packed(2, numbers.collapsedSliceDims());
    out.packed(3, numbers.startIndexMap());
    out.varint(4, numbers.indexVectorDim());
    out.packed(5, numbers.operandBatchingDims());
    out.packed(6, numbers.startIndicesBatchingDims());
    out.end(message);
    out.packed(GATHER_SLICE_SIZES, gather.sliceSizes());
    out.bool(INDICES_ARE_SORTED, gather.indicesAreSorted());
  }

  private static void scatter(WireWriter out, HloOp.Scatter scatter) {
    ScatterDimensionNumbers numbers = scatter.dimensionNumbers();
    int message = out.begin(SCATTER_DIMENSION_NUMBERS);
    out.packed(1, numbers.updateWindowDims());
    out.packed(2, numbers.insertedWindowDims());
    out.packed(3, numbers.scatterDimsToOperandDims());
    out.varint(4, numbers.indexVectorDim());
    out.packed(5, numbers.inputBatchingDims());
    out.packed(6, numbers.scatterIndicesBatchingDims());
    out.end(message);
    out.bool(INDICES_ARE_SORTED, scatter.indicesAreSorted());
    out.bool(UNIQUE_INDICES, scatter.uniqueIndices());
  }

  private static void raggedDot(WireWriter out, RaggedDotDimensionNumbers numbers) {
    int message = out.begin(RAGGED_DOT_DIMENSION_NUMBERS);
    dot(out, 1, numbers.dot());
    out.packed(2, numbers.lhsRagged());
    out.packed(3, numbers.rhsGroup());
    out.end(message);
  }

  private static void dot(WireWriter out, int field, DotDimensionNumbers numbers) {
    int message = out.begin(field);
    out.packed(1, numbers.lhsContracting());
    out.packed(2, numbers.rhsContracting());
    out.packed(3, numbers.lhsBatch());
    out.packed(4, numbers.rhsBatch());
    out.end(message);
  }

  static void precision(WireWriter out, PrecisionConfig precision) {
    if (!precision.equals(PrecisionConfig.DEFAULT)) {
      int message = out.begin(PRECISION_CONFIG);
      out.packed(1, Dims.of(precision.lhs().ordinal(), precision.rhs().ordinal()));
      out.varint(2, precision.algorithm().ordinal());
      out.end(message);
    }
  }
}
