package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.WindowOp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Makes the operations of {@link WindowOp} to {@link CollectiveOp}. */
final class StructuredOpReader {
  // Custom calls of cuDNN; the targets this library knows have none of them.
  private static final List<String> CONVOLUTION_OF_CUSTOM_CALL =
      List.of(
          "window",
          "dim_labels",
          "feature_group_count",
          "batch_group_count",
          "padding_type",
          "literal");

  private final OpReader reader;
  private final Attributes attributes;

  StructuredOpReader(OpReader reader) {
    this.reader = reader;
    this.attributes = reader.attributes();
  }

  HloOp read() {
    return switch (reader.code()) {
      case CONVOLUTION -> convolution();
      case REDUCE_WINDOW ->
          new WindowOp.ReduceWindow(
              attributes.window("window"), attributes.computation("to_apply"));
      case SELECT_AND_SCATTER ->
          new WindowOp.SelectAndScatter(
              attributes.window("window"),
              attributes.computation("select"),
              attributes.computation("scatter"));
      case SORT ->
          new OrderOp.Sort(
              attributes.dimension("dimensions"),
              attributes.computation("to_apply"),
              attributes.flag("is_stable", false));
      case TOPK -> new OrderOp.TopK(attributes.integer("k"), attributes.flag("largest", true));
      case BATCH_NORM_GRAD -> new LibraryOp.BatchNormGrad(epsilon(), featureIndex());
      case BATCH_NORM_INFERENCE -> new LibraryOp.BatchNormInference(epsilon(), featureIndex());
      case BATCH_NORM_TRAINING -> new LibraryOp.BatchNormTraining(epsilon(), featureIndex());
      case CHOLESKY -> new LibraryOp.Cholesky(attributes.flag("lower", false));
      case FFT ->
          new LibraryOp.Fft(
              attributes.requireConstant(
                  "fft_type", Arrays.asList(LibraryOp.FftKind.values()), Enum::name),
              attributes.dims("fft_length"));
      case RNG_BIT_GENERATOR -> rngBitGenerator();
      case TRIANGULAR_SOLVE ->
          new LibraryOp.TriangularSolve(
              attributes.flag("left_side", false),
              attributes.flag("lower", false),
              attributes.flag("unit_diagonal", false),
              attributes
                  .constant(
                      "transpose_a", Arrays.asList(LibraryOp.Transposition.values()), Enum::name)
                  .orElse(LibraryOp.Transposition.NO_TRANSPOSE));
      case ADD_DEPENDENCY -> new ControlOp.AddDependency();
      case AFTER_ALL -> new ControlOp.AfterAll();
      case CONDITIONAL -> conditional();
      case CUSTOM_CALL -> customCall();
      case FUSION -> new ControlOp.Fusion(attributes.word("kind"), attributes.computation("calls"));
      case MAP -> map();
      case OPTIMIZATION_BARRIER -> new ControlOp.OptimizationBarrier();
      case SCAN -> scan();
      case WHILE ->
          new ControlOp.While(attributes.computation("condition"), attributes.computation("body"));
      case ALL_GATHER -> allGather();
      case ALL_REDUCE -> new CollectiveOp.AllReduce(attributes.computation("to_apply"), groups());
      case ALL_TO_ALL ->
          new CollectiveOp.AllToAll(attributes.has("dimensions") ? splitDimension() : -1, groups());
      case COLLECTIVE_BROADCAST -> new CollectiveOp.CollectiveBroadcast(groups());
      case COLLECTIVE_PERMUTE -> collectivePermute();
      case PARTITION_ID -> new CollectiveOp.PartitionId();
      case REDUCE_SCATTER -> reduceScatter();
      case REPLICA_ID -> new CollectiveOp.ReplicaId();
      default -> throw new IllegalStateException(reader.code() + " is read elsewhere");
    };
  }

  // ---- windows, libraries -----------------------------------------------------------------------

  private HloOp convolution() {
    return new WindowOp.Convolution(
        attributes.window("window"),
        attributes.dimLabels("dim_labels"),
        attributes.integer("feature_group_count", 1),
        attributes.integer("batch_group_count", 1),
        reader.precision(true),
        reader.productType());
  }

  private float epsilon() {
    return attributes.real("epsilon");
  }

  private int featureIndex() {
    return attributes.integer("feature_index");
  }

  private HloOp rngBitGenerator() {
    LibraryOp.RandomAlgorithm algorithm =
        attributes.requireConstant(
            "algorithm",
            Arrays.asList(LibraryOp.RandomAlgorithm.values()),
            a -> "rng_" + a.name().toLowerCase(Locale.ROOT));
    if (reader.shape() instanceof TupleShape(List<Shape> elements)
        && elements.size() == 2
        && elements.get(1) instanceof ArrayShape bits) {
      return new LibraryOp.RngBitGenerator(algorithm, bits);
    }
    throw reader.error("expected the result (state, bits), got " + reader.shape());
  }

  // ---- control ----------------------------------------------------------------------------------

  private HloOp conditional() {
    boolean predicated = attributes.has("true_computation") || attributes.has("false_computation");
    if (!predicated) {
      if (!attributes.has("branch_computations")) {
        throw reader.error("expected branch_computations, or true_ and false_computation");
      }
      return new ControlOp.Conditional(attributes.computations("branch_computations"));
    }
    if (reader.operand(0).shape().equals(ArrayShape.scalar(DType.S32))) {
      throw reader.error("an index of type s32 chooses among branch_computations");
    }
    return new ControlOp.Conditional(
        List.of(
            attributes.computation("true_computation"),
            attributes.computation("false_computation")));
  }

  private HloOp map() {
    HloComputation computation = attributes.computation("to_apply");
    Dims dimensions = attributes.dimsOrNone("dimensions");
    if (!dimensions.isEmpty() && !dimensions.equals(Dims.range(dimensions.size()))) {
      throw reader.errorAt("dimensions", "map runs along all dimensions in order");
    }
    return new ControlOp.Map(computation);
  }

  private HloOp scan() {
    ControlOp.Tristate associative =
        attributes
            .flag("is_associative")
            .map(a -> a ? ControlOp.Tristate.TRUE : ControlOp.Tristate.FALSE)
            .orElse(ControlOp.Tristate.UNKNOWN);
    return new ControlOp.Scan(
        attributes.dimension("dimensions"),
        attributes.flag("is_reverse", false),
        attributes.integer("num_carries"),
        associative,
        attributes.computation("to_apply"));
  }

  private HloOp customCall() {
    for (String name : CONVOLUTION_OF_CUSTOM_CALL) {
      if (attributes.has(name)) {
        throw reader.unsupported("custom calls with " + name + " are not supported");
      }
    }
    String target = attributes.string("custom_call_target");
    attributes.words("operand_precision");
    List<HloComputation> computations =
        attributes.has("to_apply")
            ? List.of(attributes.computation("to_apply"))
            : attributes.computations("called_computations");
    int version = 0;
    if (attributes.has("api_version")) {
      version = CustomCallVersions.number(attributes.word("api_version"));
      if (version <= 0) {
        throw reader.errorAt(
            "api_version", "expected an API version such as API_VERSION_TYPED_FFI");
      }
    }
    return new ControlOp.CustomCall(
        target,
        reader.shape(),
        attributes.stringOrDictionary("backend_config"),
        version,
        attributes.flag("custom_call_has_side_effect", false),
        computations,
        attributes.shapes("operand_layout_constraints").map(this::layouts).orElse(List.of()));
  }

  private List<Dims> layouts(List<ShapeReader.Laid> constraints) {
    List<Shape> constrained = constraints.stream().map(ShapeReader.Laid::shape).toList();
    List<Shape> shapes = reader.operands().stream().map(HloInstruction::shape).toList();
    if (!constrained.equals(shapes)) {
      throw reader.errorAt(
          "operand_layout_constraints",
          "fixes layouts of %s, the operands are %s".formatted(constrained, shapes));
    }
    return Stream.concat(
            constraints.stream().flatMap(c -> c.layouts().stream()), reader.layouts().stream())
        .toList();
  }

  // ---- collectives ------------------------------------------------------------------------------

  private ReplicaGroups groups() {
    return new ReplicaGroups(
        attributes.groups("replica_groups"),
        channel(),
        attributes.flag("use_global_device_ids", false));
  }

  private long channel() {
    return attributes.longInteger("channel_id", 0);
  }

  private int splitDimension() {
    int dimension = attributes.dimension("dimensions");
    if (dimension < 0) {
      throw reader.errorAt("dimensions", "a dimension is not negative, got " + dimension);
    }
    return dimension;
  }

  private HloOp allGather() {
    int dimension = splitDimension();
    ReplicaGroups groups = groups();
    int shards = shards(dimension, groups, reader.operand(0).shape(), result());
    return new CollectiveOp.AllGather(dimension, shards, groups);
  }

  private HloOp reduceScatter() {
    int dimension = splitDimension();
    ReplicaGroups groups = groups();
    int shards = shards(dimension, groups, result(), reader.operand(0).shape());
    return new CollectiveOp.ReduceScatter(
        dimension, shards, attributes.computation("to_apply"), groups);
  }

  /** Returns the result, or the first of several. */
  private Shape result() {
    return reader.shape() instanceof TupleShape(List<Shape> elements) && !elements.isEmpty()
        ? elements.get(0)
        : reader.shape();
  }

  /** Returns how many parts make the whole: the sizes' ratio, or a group's size if all is empty. */
  private int shards(int dimension, ReplicaGroups groups, Shape part, Shape whole) {
    if (!(part instanceof ArrayShape p)
        || !(whole instanceof ArrayShape w)
        || dimension >= p.rank()
        || dimension >= w.rank()) {
      throw reader.error("expected arrays with a dimension " + dimension);
    }
    if (p.dim(dimension) == 0) {
      return groups.groups().isEmpty() ? 1 : groups.groups().get(0).size();
    }
    return w.dim(dimension) / p.dim(dimension);
  }

  private HloOp collectivePermute() {
    if (attributes.has("slice_sizes") || reader.operands().size() > 1) {
      throw reader.unsupported("several operands, or one updated in place, are not supported");
    }
    return new CollectiveOp.CollectivePermute(attributes.pairs("source_target_pairs"), channel());
  }
}
