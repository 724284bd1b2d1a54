package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** The attributes of an operation in StableHLO. */
final class StableHloAttributes {
  private final HloInstruction instruction;
  private final HloModule module;
  private final List<String> parts = new ArrayList<>();

  StableHloAttributes(HloInstruction instruction, HloModule module) {
    this.instruction = instruction;
    this.module = module;
    op(instruction.op());
  }

  List<String> list() {
    return parts;
  }

  void add(String name, String value) {
    parts.add(name + " = " + value);
  }

  private void array(String name, Dims dims) {
    add(name, MlirText.array(dims));
  }

  private void integer(String name, long value) {
    add(name, value + " : i64");
  }

  private void small(String name, int value) {
    add(name, value + " : i32");
  }

  private void flag(String name, boolean value) {
    add(name, Boolean.toString(value));
  }

  private void constant(String name, String kind, String value) {
    add(name, "#stablehlo<" + kind + " " + value + ">");
  }

  private void op(HloOp op) {
    switch (op) {
      case HloOp.Constant constant -> add("value", MlirText.dense(constant.literal()));
      case HloOp.Iota iota -> integer("iota_dimension", iota.dimension());
      case HloOp.Compare compare -> compare(compare);
      case HloOp.ReducePrecision reduce -> {
        small("exponent_bits", reduce.exponentBits());
        small("mantissa_bits", reduce.mantissaBits());
      }
      case HloOp.Broadcast broadcast -> array("broadcast_dimensions", broadcast.dimensions());
      case HloOp.Transpose transpose -> array("permutation", transpose.permutation());
      case HloOp.Reverse reverse -> array("dimensions", reverse.dimensions());
      case HloOp.Slice slice -> {
        array("start_indices", slice.start());
        array("limit_indices", slice.limit());
        array("strides", slice.stride());
      }
      case HloOp.DynamicSlice slice -> array("slice_sizes", slice.sizes());
      case HloOp.Concatenate concatenate -> integer("dimension", concatenate.dimension());
      case HloOp.GetDimensionSize size -> integer("dimension", size.dimension());
      case HloOp.Pad pad -> {
        array("edge_padding_low", pad.padding().low());
        array("edge_padding_high", pad.padding().high());
        array("interior_padding", pad.padding().interior());
      }
      case HloOp.Gather gather -> gather(gather);
      case HloOp.Scatter scatter -> scatter(scatter);
      case HloOp.Reduce reduce -> array("dimensions", reduce.dimensions());
      case HloOp.Dot dot -> dot(dot);
      case HloOp.RaggedDot dot -> raggedDot(dot);
      case WindowOp window -> window(window);
      case OrderOp.Sort sort -> {
        integer("dimension", sort.dimension());
        flag("is_stable", sort.stable());
      }
      case OrderOp.TopK topK -> integer("k", topK.k());
      case LibraryOp library -> library(library);
      case ControlOp.Map _ -> array("dimensions", Dims.range(instruction.arrayShape().rank()));
      case ControlOp.CustomCall call -> customCall(call);
      case CollectiveOp collective -> collective(collective);
      case ControlOp _,
          HloOp.Parameter _,
          HloOp.Unary _,
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
          HloOp.GetTupleElement _,
          HloOp.Call _ -> {}
    }
  }

  private void compare(HloOp.Compare compare) {
    DType type = instruction.operand(0).arrayShape().dtype();
    constant("comparison_direction", "comparison_direction", compare.direction().name());
    String order =
        type.isFloating() || type.isComplex()
            ? compare.totalOrder() ? "TOTALORDER" : "FLOAT"
            : type.isSigned() ? "SIGNED" : "UNSIGNED";
    constant("compare_type", "comparison_type", order);
  }

  private void gather(HloOp.Gather op) {
    GatherDimensionNumbers n = op.dimensionNumbers();
    add(
        "dimension_numbers",
        "#stablehlo.gather<offset_dims = %s, collapsed_slice_dims = %s, operand_batching_dims = %s, start_indices_batching_dims = %s, start_index_map = %s, index_vector_dim = %d>"
            .formatted(
                MlirText.list(n.offsetDims()),
                MlirText.list(n.collapsedSliceDims()),
                MlirText.list(n.operandBatchingDims()),
                MlirText.list(n.startIndicesBatchingDims()),
                MlirText.list(n.startIndexMap()),
                n.indexVectorDim()));
    array("slice_sizes", op.sliceSizes());
    flag("indices_are_sorted", op.indicesAreSorted());
  }

  private void scatter(HloOp.Scatter op) {
    ScatterDimensionNumbers n = op.dimensionNumbers();
    add(
        "scatter_dimension_numbers",
        "#stablehlo.scatter<update_window_dims = %s, inserted_window_dims = %s, input_batching_dims = %s, scatter_indices_batching_dims = %s, scatter_dims_to_operand_dims = %s, index_vector_dim = %d>"
            .formatted(
                MlirText.list(n.updateWindowDims()),
                MlirText.list(n.insertedWindowDims()),
                MlirText.list(n.inputBatchingDims()),
                MlirText.list(n.scatterIndicesBatchingDims()),
                MlirText.list(n.scatterDimsToOperandDims()),
                n.indexVectorDim()));
    flag("indices_are_sorted", op.indicesAreSorted());
    flag("unique_indices", op.uniqueIndices());
  }

  // ---- products and windows ---------------------------------------------------------------------

  private void dot(HloOp.Dot op) {
    DotDimensionNumbers n = op.dimensionNumbers();
    add("dot_dimension_numbers", "#stablehlo.dot<" + dot(n) + ">");
    precision("stablehlo", op.precision());
    PrecisionConfig.Algorithm algorithm = op.precision().algorithm();
    if (algorithm != PrecisionConfig.Algorithm.UNSET) {
      add("algorithm", algorithm(algorithm));
    }
  }

  private static String dot(DotDimensionNumbers n) {
    return "lhs_batching_dimensions = %s, rhs_batching_dimensions = %s, lhs_contracting_dimensions = %s, rhs_contracting_dimensions = %s"
        .formatted(
            MlirText.list(n.lhsBatch()),
            MlirText.list(n.rhsBatch()),
            MlirText.list(n.lhsContracting()),
            MlirText.list(n.rhsContracting()));
  }

  private void raggedDot(HloOp.RaggedDot op) {
    RaggedDotDimensionNumbers n = op.dimensionNumbers();
    add(
        "ragged_dot_dimension_numbers",
        "#chlo.ragged_dot<%s, lhs_ragged_dimensions = %s, rhs_group_dimensions = %s>"
            .formatted(dot(n.dot()), MlirText.list(n.lhsRagged()), MlirText.list(n.rhsGroup())));
    precision("chlo", op.precision());
  }

  private void precision(String dialect, PrecisionConfig precision) {
    add(
        "precision_config",
        "[#%1$s<precision %2$s>, #%1$s<precision %3$s>]"
            .formatted(dialect, precision.lhs(), precision.rhs()));
  }

  private String algorithm(PrecisionConfig.Algorithm algorithm) {
    return switch (algorithm) {
      case DOT_ANY_F8_ANY_F8_F32 -> algorithm(operandType(0), operandType(1), "f32", 1, false);
      case DOT_ANY_F8_ANY_F8_F32_FAST_ACCUM ->
          algorithm(operandType(0), operandType(1), "f32", 1, true);
      case DOT_F16_F16_F16 -> algorithm("f16", "f16", "f16", 1, false);
      case DOT_F16_F16_F32 -> algorithm("f16", "f16", "f32", 1, false);
      case DOT_BF16_BF16_BF16 -> algorithm("bf16", "bf16", "bf16", 1, false);
      case DOT_BF16_BF16_F32 -> algorithm("bf16", "bf16", "f32", 1, false);
      case DOT_BF16_BF16_F32_X3 -> algorithm("bf16", "bf16", "f32", 3, false);
      case DOT_BF16_BF16_F32_X6 -> algorithm("bf16", "bf16", "f32", 6, false);
      case DOT_BF16_BF16_F32_X9 -> algorithm("bf16", "bf16", "f32", 9, false);
      case DOT_TF32_TF32_F32 -> algorithm("tf32", "tf32", "f32", 1, false);
      case DOT_TF32_TF32_F32_X3 -> algorithm("tf32", "tf32", "f32", 3, false);
      case DOT_F32_F32_F32 -> algorithm("f32", "f32", "f32", 1, false);
      case DOT_F64_F64_F64 -> algorithm("f64", "f64", "f64", 1, false);
      case UNSET -> throw new IllegalStateException("no algorithm is asked for");
    };
  }

  private String operandType(int index) {
    return MlirText.element(instruction.operand(index).arrayShape().dtype());
  }

  private static String algorithm(
      String lhs, String rhs, String accumulator, int operations, boolean imprecise) {
    return "#stablehlo.dot_algorithm<lhs_precision_type = %s, rhs_precision_type = %s, accumulation_type = %s, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = %d, allow_imprecise_accumulation = %s>"
        .formatted(lhs, rhs, accumulator, operations, imprecise);
  }

  private void window(WindowOp op) {
    switch (op) {
      case WindowOp.Convolution convolution -> convolution(convolution);
      case WindowOp.ReduceWindow reduce -> {
        Window window = reduce.window();
        requireForward(window);
        array("window_dimensions", each(window, WindowDimension::size));
        array("window_strides", each(window, WindowDimension::stride));
        array("base_dilations", each(window, WindowDimension::baseDilation));
        array("window_dilations", each(window, WindowDimension::windowDilation));
        windowPadding(window);
      }
      case WindowOp.SelectAndScatter scatter -> {
        Window window = scatter.window();
        requireForward(window);
        if (window.dimensions().stream()
            .anyMatch(w -> w.baseDilation() != 1 || w.windowDilation() != 1)) {
          throw MlirText.noForm("select-and-scatter with dilation");
        }
        array("window_dimensions", each(window, WindowDimension::size));
        array("window_strides", each(window, WindowDimension::stride));
        windowPadding(window);
      }
    }
  }

  private void requireForward(Window window) {
    if (window.dimensions().stream().anyMatch(WindowDimension::reversal)) {
      throw MlirText.noForm(instruction.op().opcode() + " with a window that runs backwards");
    }
  }

  private static Dims each(Window window, ToIntFunction<WindowDimension> field) {
    return Dims.of(window.dimensions().stream().mapToInt(field).toArray());
  }

  private void windowPadding(Window window) {
    add(
        "padding",
        MlirText.matrix(
            window.dimensions().stream()
                .map(w -> Dims.of(w.paddingLow(), w.paddingHigh()))
                .toList(),
            2));
  }

  private void convolution(WindowOp.Convolution op) {
    Window window = op.window();
    array("window_strides", each(window, WindowDimension::stride));
    windowPadding(window);
    array("lhs_dilation", each(window, WindowDimension::baseDilation));
    array("rhs_dilation", each(window, WindowDimension::windowDilation));
    String reversal =
        window.dimensions().stream()
            .map(w -> Boolean.toString(w.reversal()))
            .collect(Collectors.joining(", "));
    add("window_reversal", reversal.isEmpty() ? "array<i1>" : "array<i1: " + reversal + ">");
    ConvolutionDimensionNumbers n = op.dimensionNumbers();
    add(
        "dimension_numbers",
        "#stablehlo.conv<%sx%s->%s>"
            .formatted(
                labels("b", n.inputBatch(), "f", n.inputFeature(), n.inputSpatial()),
                labels(
                    "i", n.kernelInputFeature(), "o", n.kernelOutputFeature(), n.kernelSpatial()),
                labels("b", n.outputBatch(), "f", n.outputFeature(), n.outputSpatial())));
    integer("feature_group_count", op.featureGroupCount());
    integer("batch_group_count", op.batchGroupCount());
    precision("stablehlo", op.precision());
  }

  private static String labels(
      String first, int firstAt, String second, int secondAt, Dims spatial) {
    List<String> out = new ArrayList<>();
    for (int d = 0; d < spatial.size() + 2; d++) {
      out.add(d == firstAt ? first : d == secondAt ? second : Integer.toString(spatial.indexOf(d)));
    }
    return out.toString();
  }

  // ---- libraries, custom calls, collectives -----------------------------------------------------

  private void library(LibraryOp op) {
    switch (op) {
      case LibraryOp.BatchNormTraining(float epsilon, int feature) -> norm(epsilon, feature);
      case LibraryOp.BatchNormInference(float epsilon, int feature) -> norm(epsilon, feature);
      case LibraryOp.BatchNormGrad(float epsilon, int feature) -> norm(epsilon, feature);
      case LibraryOp.Fft fft -> {
        constant("fft_type", "fft_type", fft.kind().name());
        array("fft_length", fft.length());
      }
      case LibraryOp.Cholesky cholesky -> flag("lower", cholesky.lower());
      case LibraryOp.TriangularSolve solve -> {
        flag("left_side", solve.leftSide());
        flag("lower", solve.lower());
        flag("unit_diagonal", solve.unitDiagonal());
        constant("transpose_a", "transpose", solve.transposition().name());
      }
      case LibraryOp.RngBitGenerator generator ->
          constant("rng_algorithm", "rng_algorithm", generator.algorithm().name());
    }
  }

  private void norm(float epsilon, int featureIndex) {
    add("epsilon", MlirText.real(epsilon));
    integer("feature_index", featureIndex);
  }

  private void customCall(ControlOp.CustomCall op) {
    add("call_target_name", Quoted.mlir(Quoted.toBytes(op.target())));
    flag("has_side_effect", op.sideEffect());
    small("api_version", Math.max(1, op.apiVersion()));
    String config = op.backendConfig();
    boolean dictionary =
        op.apiVersion() == 4 && BackendConfigText.dictionaryEnd(config, 0) == config.length();
    if (!config.isEmpty()) {
      add("backend_config", dictionary ? Quoted.toText(config) : Quoted.mlir(config));
    }
    if (!op.layouts().isEmpty()) {
      int ofOperands =
          instruction.operands().stream().mapToInt(o -> ShapeText.arrays(o.shape())).sum();
      add("operand_layouts", layouts(op.layouts().subList(0, ofOperands)));
      add("result_layouts", layouts(op.layouts().subList(ofOperands, op.layouts().size())));
    }
  }

  private static String layouts(List<Dims> layouts) {
    return layouts.stream().map(MlirText::index).collect(Collectors.joining(", ", "[", "]"));
  }

  private void collective(CollectiveOp op) {
    switch (op) {
      case CollectiveOp.AllReduce reduce -> groups(reduce.groups());
      case CollectiveOp.AllGather gather -> {
        integer("all_gather_dim", gather.dimension());
        groups(gather.groups());
      }
      case CollectiveOp.ReduceScatter scatter -> {
        integer("scatter_dimension", scatter.dimension());
        groups(scatter.groups());
      }
      case CollectiveOp.AllToAll exchange -> {
        integer("split_dimension", exchange.splitDimension());
        integer("concat_dimension", exchange.splitDimension());
        List<Dims> groups = explicit(exchange.groups(), partitionMode(exchange.groups()));
        integer("split_count", groups.get(0).size());
        groups(groups, exchange.groups());
      }
      case CollectiveOp.CollectivePermute permute -> {
        add("source_target_pairs", MlirText.matrix(permute.sourceTargetPairs(), 2));
        channel(permute.channelId());
      }
      case CollectiveOp.CollectiveBroadcast broadcast ->
          groups(
              explicit(broadcast.groups(), partitionMode(broadcast.groups())), broadcast.groups());
      case CollectiveOp.PartitionId _, CollectiveOp.ReplicaId _ -> {}
    }
  }

  // These number partitions if they have a channel; the others replicas, whatever they have.
  private static boolean partitionMode(ReplicaGroups groups) {
    return groups.channelId() != 0;
  }

  private void groups(ReplicaGroups groups) {
    groups(explicit(groups, false), groups);
  }

  /** Lists the members of the one group that empty groups stand for. */
  private List<Dims> explicit(ReplicaGroups groups, boolean partitions) {
    if (!groups.groups().isEmpty()) {
      return groups.groups();
    }
    return List.of(Dims.range(partitions ? module.partitions() : module.replicas()));
  }

  private void groups(List<Dims> members, ReplicaGroups groups) {
    int widest = members.stream().mapToInt(Dims::size).max().orElse(0);
    List<Dims> padded = new ArrayList<>();
    for (Dims group : members) {
      int[] row = Dims.filled(widest, -1).toArray();
      for (int i = 0; i < group.size(); i++) {
        row[i] = group.get(i);
      }
      padded.add(Dims.of(row));
    }
    add("replica_groups", MlirText.matrix(padded, widest));
    channel(groups.channelId());
    if (groups.useGlobalDeviceIds()) {
      parts.add("use_global_device_ids");
    }
  }

  private void channel(long id) {
    if (id != 0) {
      add("channel_handle", "#stablehlo.channel_handle<handle = " + id + ", type = 1>");
    }
  }
}
