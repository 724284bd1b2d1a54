package io.lazytensor.cpu.reference;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.Oracle;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** Every operation that moves elements, in every type, against the evaluator. */
class LayoutOracleTest {
  private static final List<DType> INDEX_TYPES =
      List.of(DType.S32, DType.U32, DType.S64, DType.U64, DType.S8, DType.U16);

  private static final Backend BACKEND =
      new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  private static final Oracle ORACLE = new Oracle(BACKEND);

  @AfterContainer
  static void close() {
    BACKEND.close();
  }

  @Property(tries = 40, seed = "3", shrinking = ShrinkingMode.OFF)
  void movesEqualTheEvaluator(@ForAll long seed) {
    everything(new Random(seed));
  }

  @Tag("full")
  @Property(tries = 300, seed = "4", shrinking = ShrinkingMode.OFF)
  void movesEqualTheEvaluatorAtLength(@ForAll long seed) {
    everything(new Random(seed));
  }

  private static void everything(Random random) {
    for (DType dtype : EnumSet.range(DType.PRED, DType.F64)) {
      if (dtype != DType.PRED) {
        iota(random, dtype);
      }
      reshape(random, dtype);
      transposeAndReverse(random, dtype);
      concatenate(random, dtype);
      pad(random, dtype);
      dynamicSlice(random, dtype);
      dynamicUpdateSlice(random, dtype);
      gatherRows(random, dtype);
      gatherWindows(random, dtype);
      gatherBatched(random, dtype);
      scatterRows(random, dtype);
      scatterPairs(random, dtype);
    }
  }

  private static void iota(Random random, DType dtype) {
    if (dtype == DType.PRED) {
      return;
    }
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = ArrayShape.of(dtype, 1 + random.nextInt(4), 1 + random.nextInt(40));
    ORACLE.same(
        g.module(g.add(new HloOp.Iota(shape, random.nextInt(2)))), g.arguments, "iota " + dtype);
  }

  private static void reshape(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    int[][] forms = {{2, 3, 4}, {6, 4}, {24}, {4, 6}, {1, 24, 1}, {2, 12}, {3, 1, 8}, {2, 2, 6}};
    HloInstruction x = g.operand(ArrayShape.of(dtype, forms[random.nextInt(forms.length)]));
    HloInstruction once = g.add(new HloOp.Reshape(Dims.of(forms[random.nextInt(forms.length)])), x);
    HloInstruction turned =
        g.add(new HloOp.Transpose(Dims.of(g.permutation(once.arrayShape().rank()))), once);
    HloInstruction root =
        g.add(new HloOp.Reshape(Dims.of(forms[random.nextInt(forms.length)])), turned);
    ORACLE.same(g.module(root), g.arguments, "reshape " + dtype);
  }

  private static void transposeAndReverse(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction x = g.operand(new ArrayShape(dtype, g.dims(4)));
    int rank = x.arrayShape().rank();
    HloInstruction turned = g.add(new HloOp.Transpose(Dims.of(g.permutation(rank))), x);
    int[] reversed =
        random.ints(0, rank + 1).limit(rank).distinct().filter(d -> d < rank).toArray();
    HloInstruction root = g.add(new HloOp.Reverse(Dims.of(reversed)), turned);
    ORACLE.same(g.module(root), g.arguments, "reverse " + dtype);
  }

  private static void concatenate(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    int dimension = random.nextInt(3);
    List<HloInstruction> parts = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      int[] dims = {2, 3, 4};
      dims[dimension] = random.nextInt(4);
      parts.add(g.operand(ArrayShape.of(dtype, dims)));
    }
    HloInstruction root = g.builder.add(new HloOp.Concatenate(dimension), parts);
    ORACLE.same(g.module(root), g.arguments, "concatenate " + dtype);
  }

  private static void pad(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    int[] size = {1 + random.nextInt(4), random.nextInt(5)};
    int[] low = new int[2];
    int[] high = new int[2];
    int[] interior = new int[2];
    for (int d = 0; d < 2; d++) {
      interior[d] = random.nextInt(3);
      int inner = size[d] == 0 ? 0 : size[d] + (size[d] - 1) * interior[d];
      low[d] = random.nextInt(5) - 2;
      high[d] = random.nextInt(5) - 2;
      if (inner + low[d] + high[d] < 0) {
        low[d] = 0;
        high[d] = 0;
      }
    }
    HloInstruction root =
        g.add(
            new HloOp.Pad(new PaddingConfig(Dims.of(low), Dims.of(high), Dims.of(interior))),
            g.operand(ArrayShape.of(dtype, size)),
            g.operand(ArrayShape.scalar(dtype)));
    ORACLE.same(g.module(root), g.arguments, "pad " + dtype);
  }

  private static HloInstruction index(GeneratedGraph g, DType type) {
    return g.operand(ArrayShape.scalar(type));
  }

  private static void dynamicSlice(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType type = g.pick(INDEX_TYPES);
    HloInstruction x = g.operand(ArrayShape.of(dtype, 5, 7));
    Dims sizes = Dims.of(random.nextInt(6), 1 + random.nextInt(7));
    HloInstruction root = g.add(new HloOp.DynamicSlice(sizes), x, index(g, type), index(g, type));
    ORACLE.same(g.module(root), g.arguments, "dynamic-slice " + dtype + " by " + type);
  }

  private static void dynamicUpdateSlice(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType type = g.pick(INDEX_TYPES);
    HloInstruction x = g.operand(ArrayShape.of(dtype, 5, 7));
    HloInstruction update =
        g.operand(ArrayShape.of(dtype, random.nextInt(6), 1 + random.nextInt(7)));
    HloInstruction root =
        g.add(new HloOp.DynamicUpdateSlice(), x, update, index(g, type), index(g, type));
    ORACLE.same(g.module(root), g.arguments, "dynamic-update-slice " + dtype + " by " + type);
  }

  private static void gatherRows(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType type = g.pick(INDEX_TYPES);
    GatherDimensionNumbers numbers =
        new GatherDimensionNumbers(Dims.of(2), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 2);
    HloInstruction root =
        g.add(
            new HloOp.Gather(numbers, Dims.of(1, 6), false),
            g.operand(ArrayShape.of(dtype, 9, 6)),
            g.operand(ArrayShape.of(type, 2, 5)));
    ORACLE.same(g.module(root), g.arguments, "gather rows " + dtype + " by " + type);
  }

  private static void gatherWindows(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType type = g.pick(INDEX_TYPES);
    GatherDimensionNumbers numbers =
        new GatherDimensionNumbers(
            Dims.of(0, 2), Dims.of(), Dims.of(), Dims.of(), Dims.of(1, 0), 1);
    HloInstruction root =
        g.add(
            new HloOp.Gather(numbers, Dims.of(2, 3), false),
            g.operand(ArrayShape.of(dtype, 4, 6)),
            g.operand(ArrayShape.of(type, 5, 2)));
    ORACLE.same(g.module(root), g.arguments, "gather windows " + dtype + " by " + type);
  }

  private static void gatherBatched(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType type = g.pick(INDEX_TYPES);
    GatherDimensionNumbers numbers =
        new GatherDimensionNumbers(Dims.of(), Dims.of(1), Dims.of(0), Dims.of(0), Dims.of(1), 2);
    HloInstruction root =
        g.add(
            new HloOp.Gather(numbers, Dims.of(1, 1), false),
            g.operand(ArrayShape.of(dtype, 3, 6)),
            g.operand(ArrayShape.of(type, 3, 4)));
    ORACLE.same(g.module(root), g.arguments, "gather batched " + dtype + " by " + type);
  }

  /** A combiner whose order does not matter: HLO leaves the order of overlapping updates open. */
  private static HloComputation commutative(Random random, DType dtype) {
    List<BinaryKind> kinds =
        dtype == DType.PRED
            ? List.of(BinaryKind.AND, BinaryKind.OR)
            : List.of(BinaryKind.ADD, BinaryKind.MAXIMUM, BinaryKind.MINIMUM, BinaryKind.MULTIPLY);
    return Graphs.reducer(kinds.get(random.nextInt(kinds.size())), dtype);
  }

  private static HloComputation combiner(Random random, DType dtype) {
    if (random.nextInt(4) != 0) {
      return commutative(random, dtype);
    }
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction current = g.add(new HloOp.Parameter(0, ArrayShape.scalar(dtype)));
    HloInstruction update = g.add(new HloOp.Parameter(1, ArrayShape.scalar(dtype)));
    return HloComputation.of("replace", List.of(current, update), update);
  }

  private static Literal indices(GeneratedGraph g, ArrayShape shape, int limit) {
    byte[] bytes = new byte[(int) shape.byteSize()];
    for (int i = 0; i < shape.elementCount(); i++) {
      Literal.writeBits(
          java.lang.foreign.MemorySegment.ofArray(bytes),
          i,
          shape.dtype(),
          g.random.nextInt(limit + 3) - 1);
    }
    return Literal.ofBytes(shape, bytes);
  }

  private static void scatterRows(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType type = g.pick(INDEX_TYPES);
    ScatterDimensionNumbers numbers =
        new ScatterDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1);
    HloComputation combiner = combiner(random, dtype);
    HloInstruction root =
        g.add(
            new HloOp.Scatter(numbers, combiner, false, false),
            g.parameter(g.moderate(ArrayShape.of(dtype, 5, 4))),
            g.parameter(indices(g, ArrayShape.of(type, 7), 5)),
            g.parameter(g.moderate(ArrayShape.of(dtype, 7, 4))));
    ORACLE.close(
        g.module(root), g.arguments, 8, 4, "scatter rows " + dtype + " " + combiner.name());
  }

  private static void scatterPairs(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ScatterDimensionNumbers numbers =
        new ScatterDimensionNumbers(Dims.of(0), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0, 1), 0);
    HloInstruction root =
        g.add(
            new HloOp.Scatter(numbers, commutative(random, dtype), false, false),
            g.parameter(g.moderate(ArrayShape.of(dtype, 4, 6))),
            g.parameter(indices(g, ArrayShape.of(DType.S32, 2, 5), 4)),
            g.parameter(g.moderate(ArrayShape.of(dtype, 3, 5))));
    ORACLE.close(g.module(root), g.arguments, 8, 4, "scatter windows " + dtype);
  }
}
