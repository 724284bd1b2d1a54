package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The attributes of an instruction in HLO text, in the order XLA writes them.
 *
 * <p>Source: XLA {@code PrintExtraAttributesImpl} in {@code xla/hlo/ir/hlo_instructions.cc}, {@code
 * xla/window_util.cc}.
 */
final class AttributeText {
  private final HloNames names;
  private final int rank;
  private final List<String> parts = new ArrayList<>();

  private AttributeText(HloNames names, int rank) {
    this.names = names;
    this.rank = rank;
  }

  /** Returns what an instruction's text says after its operands, without metadata. */
  static List<String> of(HloInstruction instruction, HloNames names) {
    AttributeText text =
        new AttributeText(
            names, instruction.shape() instanceof ArrayShape array ? array.rank() : 0);
    text.op(instruction.op());
    if (instruction.op() instanceof ControlOp.CustomCall call) {
      text.customCall(call, instruction.operands());
    }
    return text.parts;
  }

  private void add(String name, Object value) {
    parts.add(name + "=" + value);
  }

  private void list(String name, Dims value) {
    parts.add(name + "={" + value + "}");
  }

  private void call(String name, HloComputation computation) {
    parts.add(name + "=%" + names.of(computation));
  }

  private void calls(String name, List<HloComputation> computations) {
    add(
        name,
        computations.stream()
            .map(c -> "%" + names.of(c))
            .collect(Collectors.joining(", ", "{", "}")));
  }

  private void flag(String name, boolean value) {
    if (value) {
      parts.add(name + "=true");
    }
  }

  private void op(HloOp op) {
    switch (op) {
      case HloOp.Iota iota -> add("iota_dimension", iota.dimension());
      case HloOp.Compare compare -> {
        add("direction", compare.direction());
        if (compare.totalOrder()) {
          add("type", "TOTALORDER");
        }
      }
      case HloOp.ReducePrecision reduce -> {
        add("exponent_bits", reduce.exponentBits());
        add("mantissa_bits", reduce.mantissaBits());
      }
      case HloOp.Broadcast broadcast -> list("dimensions", broadcast.dimensions());
      case HloOp.Transpose transpose -> list("dimensions", transpose.permutation());
      case HloOp.Reverse reverse -> list("dimensions", reverse.dimensions());
      case HloOp.Concatenate concatenate -> list("dimensions", Dims.of(concatenate.dimension()));
      case HloOp.GetDimensionSize size -> list("dimensions", Dims.of(size.dimension()));
      case HloOp.Slice slice -> slice(slice);
      case HloOp.DynamicSlice slice -> list("dynamic_slice_sizes", slice.sizes());
      case HloOp.Pad pad -> add("padding", padding(pad.padding()));
      case HloOp.Gather gather -> gather(gather);
      case HloOp.Scatter scatter -> scatter(scatter);
      case HloOp.Reduce reduce -> {
        list("dimensions", reduce.dimensions());
        call("to_apply", reduce.reducer());
      }
      case HloOp.Dot dot -> {
        dot(dot.dimensionNumbers());
        precision(dot.precision());
      }
      case HloOp.RaggedDot dot -> {
        dot(dot.dimensionNumbers().dot());
        list("lhs_ragged_dims", dot.dimensionNumbers().lhsRagged());
        if (!dot.dimensionNumbers().rhsGroup().isEmpty()) {
          list("rhs_group_dims", dot.dimensionNumbers().rhsGroup());
        }
        precision(dot.precision());
      }
      case HloOp.GetTupleElement(int index) -> add("index", index);
      case HloOp.Call(HloComputation computation) -> call("to_apply", computation);
      case WindowOp window -> window(window);
      case OrderOp order -> order(order);
      case LibraryOp library -> library(library);
      case ControlOp control -> control(control);
      case CollectiveOp collective -> collective(collective);
      case HloOp.Parameter _,
          HloOp.Constant _,
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
          HloOp.Tuple _ -> {}
    }
  }

  // ---- operations that move elements, products --------------------------------------------------

  private void slice(HloOp.Slice op) {
    boolean strided = op.stride().stream().anyMatch(s -> s != 1);
    List<String> ranges = new ArrayList<>();
    for (int i = 0; i < op.start().size(); i++) {
      String stride = strided ? ":" + op.stride().get(i) : "";
      ranges.add("[" + op.start().get(i) + ":" + op.limit().get(i) + stride + "]");
    }
    add("slice", "{" + String.join(", ", ranges) + "}");
  }

  private static String padding(PaddingConfig padding) {
    boolean holes = padding.interior().stream().anyMatch(p -> p != 0);
    List<String> dimensions = new ArrayList<>();
    for (int i = 0; i < padding.low().size(); i++) {
      String interior = holes ? "_" + padding.interior().get(i) : "";
      dimensions.add(padding.low().get(i) + "_" + padding.high().get(i) + interior);
    }
    return String.join("x", dimensions);
  }

  private void gather(HloOp.Gather op) {
    GatherDimensionNumbers n = op.dimensionNumbers();
    list("offset_dims", n.offsetDims());
    list("collapsed_slice_dims", n.collapsedSliceDims());
    list("start_index_map", n.startIndexMap());
    if (!n.operandBatchingDims().isEmpty()) {
      list("operand_batching_dims", n.operandBatchingDims());
    }
    if (!n.startIndicesBatchingDims().isEmpty()) {
      list("start_indices_batching_dims", n.startIndicesBatchingDims());
    }
    add("index_vector_dim", n.indexVectorDim());
    list("slice_sizes", op.sliceSizes());
    flag("indices_are_sorted", op.indicesAreSorted());
  }

  private void scatter(HloOp.Scatter op) {
    ScatterDimensionNumbers n = op.dimensionNumbers();
    list("update_window_dims", n.updateWindowDims());
    list("inserted_window_dims", n.insertedWindowDims());
    list("scatter_dims_to_operand_dims", n.scatterDimsToOperandDims());
    if (!n.inputBatchingDims().isEmpty()) {
      list("input_batching_dims", n.inputBatchingDims());
    }
    if (!n.scatterIndicesBatchingDims().isEmpty()) {
      list("scatter_indices_batching_dims", n.scatterIndicesBatchingDims());
    }
    add("index_vector_dim", n.indexVectorDim());
    flag("indices_are_sorted", op.indicesAreSorted());
    flag("unique_indices", op.uniqueIndices());
    call("to_apply", op.combiner());
  }

  private void dot(DotDimensionNumbers n) {
    if (!n.lhsBatch().isEmpty()) {
      list("lhs_batch_dims", n.lhsBatch());
    }
    list("lhs_contracting_dims", n.lhsContracting());
    if (!n.rhsBatch().isEmpty()) {
      list("rhs_batch_dims", n.rhsBatch());
    }
    list("rhs_contracting_dims", n.rhsContracting());
  }

  private void precision(PrecisionConfig precision) {
    if (precision.lhs() != PrecisionConfig.Precision.DEFAULT
        || precision.rhs() != PrecisionConfig.Precision.DEFAULT) {
      add(
          "operand_precision",
          "{" + precision.lhs().hloName() + "," + precision.rhs().hloName() + "}");
    }
    if (precision.algorithm() != PrecisionConfig.Algorithm.UNSET) {
      add("algorithm", precision.algorithm().hloName());
    }
  }

  // ---- windows ----------------------------------------------------------------------------------

  private void window(WindowOp op) {
    switch (op) {
      case WindowOp.Convolution convolution -> {
        window(convolution.window());
        add("dim_labels", labels(convolution.dimensionNumbers()));
        if (convolution.featureGroupCount() != 1) {
          add("feature_group_count", convolution.featureGroupCount());
        }
        if (convolution.batchGroupCount() != 1) {
          add("batch_group_count", convolution.batchGroupCount());
        }
        precision(convolution.precision());
      }
      case WindowOp.ReduceWindow reduce -> {
        window(reduce.window());
        call("to_apply", reduce.reducer());
      }
      case WindowOp.SelectAndScatter scatter -> {
        window(scatter.window());
        call("select", scatter.select());
        call("scatter", scatter.scatter());
      }
    }
  }

  private void window(Window window) {
    if (window.rank() == 0) {
      return;
    }
    List<String> fields = new ArrayList<>();
    fields.add("size=" + each(window, w -> "" + w.size()));
    if (window.dimensions().stream().anyMatch(w -> w.stride() != 1)) {
      fields.add("stride=" + each(window, w -> "" + w.stride()));
    }
    if (window.dimensions().stream().anyMatch(w -> w.paddingLow() != 0 || w.paddingHigh() != 0)) {
      fields.add("pad=" + each(window, w -> w.paddingLow() + "_" + w.paddingHigh()));
    }
    if (window.dimensions().stream().anyMatch(w -> w.baseDilation() != 1)) {
      fields.add("lhs_dilate=" + each(window, w -> "" + w.baseDilation()));
    }
    if (window.dimensions().stream().anyMatch(w -> w.windowDilation() != 1)) {
      fields.add("rhs_dilate=" + each(window, w -> "" + w.windowDilation()));
    }
    if (window.dimensions().stream().anyMatch(WindowDimension::reversal)) {
      fields.add("rhs_reversal=" + each(window, w -> w.reversal() ? "1" : "0"));
    }
    add("window", "{" + String.join(" ", fields) + "}");
  }

  private static String each(Window window, Function<WindowDimension, String> field) {
    return window.dimensions().stream().map(field).collect(Collectors.joining("x"));
  }

  private static String labels(ConvolutionDimensionNumbers n) {
    return labels('b', n.inputBatch(), 'f', n.inputFeature(), n.inputSpatial())
        + "_"
        + labels('i', n.kernelInputFeature(), 'o', n.kernelOutputFeature(), n.kernelSpatial())
        + "->"
        + labels('b', n.outputBatch(), 'f', n.outputFeature(), n.outputSpatial());
  }

  private static String labels(char first, int firstAt, char second, int secondAt, Dims spatial) {
    StringBuilder out = new StringBuilder("?".repeat(spatial.size() + 2));
    label(out, firstAt, first);
    label(out, secondAt, second);
    for (int i = 0; i < spatial.size(); i++) {
      label(out, spatial.get(i), (char) ('0' + i));
    }
    return out.toString();
  }

  // Numbers out of range belong to a module no verifier accepts; its text shows a gap.
  private static void label(StringBuilder out, int at, char label) {
    if (at >= 0 && at < out.length()) {
      out.setCharAt(at, label);
    }
  }

  // ---- order, libraries -------------------------------------------------------------------------

  private void order(OrderOp op) {
    switch (op) {
      case OrderOp.Sort sort -> {
        list("dimensions", Dims.of(sort.dimension()));
        flag("is_stable", sort.stable());
        call("to_apply", sort.comparator());
      }
      case OrderOp.TopK topK -> {
        add("k", topK.k());
        add("largest", topK.largest());
      }
    }
  }

  private void library(LibraryOp op) {
    switch (op) {
      case LibraryOp.BatchNormTraining(float epsilon, int feature) -> norm(epsilon, feature);
      case LibraryOp.BatchNormInference(float epsilon, int feature) -> norm(epsilon, feature);
      case LibraryOp.BatchNormGrad(float epsilon, int feature) -> norm(epsilon, feature);
      case LibraryOp.Fft fft -> {
        add("fft_type", fft.kind());
        list("fft_length", fft.length());
      }
      case LibraryOp.Cholesky cholesky -> flag("lower", cholesky.lower());
      case LibraryOp.TriangularSolve solve -> {
        flag("left_side", solve.leftSide());
        flag("lower", solve.lower());
        flag("unit_diagonal", solve.unitDiagonal());
        add("transpose_a", solve.transposition());
      }
      case LibraryOp.RngBitGenerator generator ->
          add("algorithm", "rng_" + generator.algorithm().name().toLowerCase(Locale.ROOT));
    }
  }

  private void norm(float epsilon, int featureIndex) {
    add("epsilon", FloatText.of(epsilon));
    add("feature_index", featureIndex);
  }

  // ---- control, collectives ---------------------------------------------------------------------

  private void control(ControlOp op) {
    switch (op) {
      case ControlOp.While loop -> {
        call("condition", loop.condition());
        call("body", loop.body());
      }
      case ControlOp.Conditional conditional ->
          calls("branch_computations", conditional.branches());
      case ControlOp.Scan scan -> {
        list("dimensions", Dims.of(scan.dimension()));
        add("num_carries", scan.carries());
        flag("is_reverse", scan.reverse());
        if (scan.associative() != ControlOp.Tristate.UNKNOWN) {
          add("is_associative", scan.associative() == ControlOp.Tristate.TRUE);
        }
        call("to_apply", scan.computation());
      }
      case ControlOp.Map(HloComputation computation) -> {
        list("dimensions", Dims.range(rank));
        call("to_apply", computation);
      }
      case ControlOp.Fusion fusion -> {
        add("kind", fusion.kind());
        call("calls", fusion.computation());
      }
      case ControlOp.CustomCall _,
          ControlOp.OptimizationBarrier _,
          ControlOp.AfterAll _,
          ControlOp.AddDependency _ -> {}
    }
  }

  private void customCall(ControlOp.CustomCall op, List<HloInstruction> operands) {
    add("custom_call_target", Quoted.text(op.target()));
    if (!op.layouts().isEmpty()) {
      Iterator<Dims> layouts = op.layouts().iterator();
      add(
          "operand_layout_constraints",
          operands.stream()
              .map(o -> ShapeText.withLayout(o.shape(), layouts))
              .collect(Collectors.joining(", ", "{", "}")));
    }
    flag("custom_call_has_side_effect", op.sideEffect());
    if (op.apiVersion() != 0) {
      add("api_version", CustomCallVersions.name(op.apiVersion()));
    }
    if (!op.computations().isEmpty()) {
      calls("called_computations", op.computations());
    }
  }

  private void collective(CollectiveOp op) {
    switch (op) {
      case CollectiveOp.AllReduce reduce -> {
        groups(reduce.groups());
        call("to_apply", reduce.reducer());
      }
      case CollectiveOp.AllGather gather -> {
        groups(gather.groups());
        list("dimensions", Dims.of(gather.dimension()));
      }
      case CollectiveOp.ReduceScatter scatter -> {
        groups(scatter.groups());
        list("dimensions", Dims.of(scatter.dimension()));
        call("to_apply", scatter.reducer());
      }
      case CollectiveOp.AllToAll exchange -> {
        groups(exchange.groups());
        if (exchange.splitDimension() >= 0) {
          list("dimensions", Dims.of(exchange.splitDimension()));
        }
      }
      case CollectiveOp.CollectivePermute permute -> {
        channel(permute.channelId());
        add("source_target_pairs", lists(permute.sourceTargetPairs()));
      }
      case CollectiveOp.CollectiveBroadcast broadcast -> groups(broadcast.groups());
      case CollectiveOp.PartitionId _, CollectiveOp.ReplicaId _ -> {}
    }
  }

  private void groups(ReplicaGroups groups) {
    channel(groups.channelId());
    add("replica_groups", lists(groups.groups()));
    flag("use_global_device_ids", groups.useGlobalDeviceIds());
  }

  private void channel(long id) {
    if (id != 0) {
      add("channel_id", id);
    }
  }

  private static String lists(List<Dims> lists) {
    return lists.stream().map(l -> "{" + l + "}").collect(Collectors.joining(",", "{", "}"));
  }
}
