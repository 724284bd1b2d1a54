package io.lazytensor.cpu.reference;

import io.lazytensor.xla.infer.Threefry;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.Oracle;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** Reductions, products, calls and fused combinations against the evaluator. */
class ContractOracleTest {
  private static final Backend BACKEND =
      new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  private static final Oracle ORACLE = new Oracle(BACKEND);

  @AfterContainer
  static void close() {
    BACKEND.close();
  }

  @Property(tries = 40, seed = "5", shrinking = ShrinkingMode.OFF)
  void contractionsEqualTheEvaluator(@ForAll long seed) {
    everything(new Random(seed));
  }

  @Tag("full")
  @Property(tries = 300, seed = "6", shrinking = ShrinkingMode.OFF)
  void contractionsEqualTheEvaluatorAtLength(@ForAll long seed) {
    everything(new Random(seed));
  }

  /** Products long enough to be shared, along rows, columns and a batch, with a bias. */
  @Example
  void productsSharedByThreadsEqualTheEvaluator() {
    try (Backend threads =
        new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "3")))) {
      Oracle shared = new Oracle(threads);
      Random random = new Random(9);
      for (int[] size : new int[][] {{120, 70, 130}, {130, 70, 120}, {33, 1000, 40}}) {
        GeneratedGraph g = new GeneratedGraph(random);
        HloInstruction dot =
            dot(
                g,
                Dims.of(),
                ArrayShape.of(DType.F32, size[1], size[0]),
                ArrayShape.of(DType.F32, size[1], size[2]));
        HloInstruction bias =
            g.add(
                new HloOp.Broadcast(Dims.of(size[0], size[2]), Dims.of(1)),
                g.parameter(g.moderate(ArrayShape.of(DType.F32, size[2]))));
        HloInstruction root = binary(g, BinaryKind.ADD, dot, bias);
        shared.close(g.module(root), g.arguments, 16, 100, "shared dot with bias");
        shared.close(g.module(dot), g.arguments, 16, 100, "shared dot");
      }
      GeneratedGraph g = new GeneratedGraph(random);
      HloInstruction batched =
          dot(
              g,
              Dims.of(0),
              ArrayShape.of(DType.F32, 7, 40, 64),
              ArrayShape.of(DType.F32, 7, 40, 64));
      shared.close(g.module(batched), g.arguments, 16, 100, "shared batched dot");
    }
  }

  /** Contracts the first dimension behind the batch. */
  private static HloInstruction dot(
      GeneratedGraph g, Dims batch, ArrayShape left, ArrayShape right) {
    Dims contracted = Dims.of(batch.size());
    return g.add(
        new HloOp.Dot(new DotDimensionNumbers(contracted, contracted, batch, batch), left.dtype()),
        g.parameter(g.moderate(left)),
        g.parameter(g.moderate(right)));
  }

  private static void everything(Random random) {
    for (DType dtype : EnumSet.range(DType.PRED, DType.F64)) {
      for (BinaryKind kind : BinaryKind.values()) {
        reduce(random, kind, dtype);
      }
      argMax(random, dtype);
      product(random, dtype);
      batchedProduct(random, dtype);
      severalContractions(random, dtype);
    }
    widenedProduct(random);
    threefry(random);
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      productWithBias(random, dtype);
      optimizerSums(random, dtype);
    }
  }

  private static void reduce(Random random, BinaryKind kind, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(dtype, g.dims(3));
    int rank = shape.rank();
    int[] dimensions =
        random.ints(0, rank + 1).limit(rank).sorted().distinct().filter(d -> d < rank).toArray();
    HloComputation reducer;
    HloInstruction root;
    boolean exact = !dtype.isFloating() || isExact(kind);
    try {
      reducer = Graphs.reducer(kind, dtype);
      HloInstruction x = exact ? g.operand(shape) : g.parameter(g.moderate(shape));
      HloInstruction init = g.add(new HloOp.Constant(Literal.scalar(dtype, random.nextInt(2))));
      root = g.add(new HloOp.Reduce(Dims.of(dimensions), reducer), x, init);
    } catch (ShapeException _) {
      return;
    }
    if (!exact && kind != BinaryKind.ADD && kind != BinaryKind.MULTIPLY) {
      return;
    }
    String what = "reduce " + kind + " of " + shape + " along " + Dims.of(dimensions);
    double scale = kind == BinaryKind.ADD ? Math.sqrt(shape.elementCount()) * 3 : 0;
    // Products of 16-bit types are rounded at every step, one unit each.
    double units = exact ? 0.5 : kind == BinaryKind.ADD ? 16 : 8 + shape.elementCount();
    ORACLE.close(g.module(root), g.arguments, units, scale, what);
  }

  private static boolean isExact(BinaryKind kind) {
    return switch (kind) {
      case MAXIMUM, MINIMUM, AND, OR, XOR -> true;
      case ADD,
          ATAN2,
          DIVIDE,
          MULHI,
          MULTIPLY,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          SUBTRACT ->
          false;
    };
  }

  private static void argMax(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = ArrayShape.of(dtype, 4, 9);
    HloInstruction value = g.operand(shape);
    HloInstruction index = g.add(new HloOp.Iota(shape.withDType(DType.S32), 1));
    HloInstruction root =
        g.add(
            new HloOp.Reduce(Dims.of(1), argMaxReducer(dtype)),
            value,
            index,
            g.operand(ArrayShape.scalar(dtype)),
            g.add(new HloOp.Constant(Literal.scalar(DType.S32, -1))));
    ORACLE.same(g.module(root), g.arguments, "arg max of " + dtype);
  }

  private static HloComputation argMaxReducer(DType dtype) {
    GeneratedGraph g = new GeneratedGraph(new Random(0));
    ArrayShape value = ArrayShape.scalar(dtype);
    ArrayShape index = ArrayShape.scalar(DType.S32);
    List<HloInstruction> p =
        List.of(
            g.add(new HloOp.Parameter(0, value)),
            g.add(new HloOp.Parameter(1, index)),
            g.add(new HloOp.Parameter(2, value)),
            g.add(new HloOp.Parameter(3, index)));
    HloInstruction keep =
        g.add(new HloOp.Compare(ComparisonDirection.GE, false), p.get(0), p.get(2));
    HloInstruction root =
        g.add(
            new HloOp.Tuple(),
            g.add(new HloOp.Select(), keep, p.get(0), p.get(2)),
            g.add(new HloOp.Select(), keep, p.get(1), p.get(3)));
    return HloComputation.of("argmax", p, root);
  }

  private static void product(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    int m = random.nextInt(5);
    int k = random.nextInt(5);
    int n = 1 + random.nextInt(40);
    boolean left = random.nextBoolean();
    boolean right = random.nextBoolean();
    HloInstruction a =
        g.parameter(g.moderate(left ? ArrayShape.of(dtype, k, m) : ArrayShape.of(dtype, m, k)));
    HloInstruction b =
        g.parameter(g.moderate(right ? ArrayShape.of(dtype, n, k) : ArrayShape.of(dtype, k, n)));
    HloInstruction root =
        g.add(
            new HloOp.Dot(
                new DotDimensionNumbers(
                    Dims.of(left ? 0 : 1), Dims.of(right ? 1 : 0), Dims.of(), Dims.of()),
                dtype),
            a,
            b);
    ORACLE.close(g.module(root), g.arguments, 4, 4, "dot of " + dtype);
  }

  private static void batchedProduct(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction a = g.parameter(g.moderate(ArrayShape.of(dtype, 3, 2, 5, 4)));
    HloInstruction b = g.parameter(g.moderate(ArrayShape.of(dtype, 2, 4, 3, 6)));
    HloInstruction root =
        g.add(
            new HloOp.Dot(
                new DotDimensionNumbers(Dims.of(3), Dims.of(1), Dims.of(1, 0), Dims.of(0, 2)),
                dtype),
            a,
            b);
    ORACLE.close(g.module(root), g.arguments, 4, 4, "batched dot of " + dtype);
  }

  private static void severalContractions(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction a = g.parameter(g.moderate(ArrayShape.of(dtype, 2, 3, 4)));
    HloInstruction b = g.parameter(g.moderate(ArrayShape.of(dtype, 4, 2)));
    HloInstruction root =
        g.add(
            new HloOp.Dot(
                new DotDimensionNumbers(Dims.of(2, 0), Dims.of(0, 1), Dims.of(), Dims.of()), dtype),
            a,
            b);
    ORACLE.close(g.module(root), g.arguments, 4, 4, "dot along two dimensions of " + dtype);
  }

  private static void widenedProduct(Random random) {
    DotDimensionNumbers numbers =
        new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of());
    for (DType[] types :
        new DType[][] {
          {DType.BF16, DType.F32}, {DType.F16, DType.F32}, {DType.S8, DType.S32},
          {DType.U8, DType.U32}, {DType.F32, DType.BF16}, {DType.F32, DType.F64}
        }) {
      GeneratedGraph g = new GeneratedGraph(random);
      HloInstruction a = g.parameter(g.moderate(ArrayShape.of(types[0], 3, 7)));
      HloInstruction b = g.parameter(g.moderate(ArrayShape.of(types[0], 7, 2)));
      HloInstruction root = g.add(new HloOp.Dot(numbers, types[1]), a, b);
      ORACLE.close(g.module(root), g.arguments, 4, 4, "dot of " + types[0] + " in " + types[1]);
    }
  }

  private static void threefry(Random random) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(DType.U32, g.dims(2));
    HloInstruction root =
        g.add(
            new HloOp.Call(Threefry.computation(shape.dims())),
            g.operand(shape),
            g.operand(shape),
            g.operand(shape),
            g.operand(shape));
    ORACLE.same(g.module(root), g.arguments, "threefry of " + shape);
  }

  private static void productWithBias(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction a = g.parameter(g.moderate(ArrayShape.of(dtype, 5, 7)));
    HloInstruction b = g.parameter(g.moderate(ArrayShape.of(dtype, 3, 7)));
    HloInstruction dot =
        g.add(
            new HloOp.Dot(
                new DotDimensionNumbers(Dims.of(1), Dims.of(1), Dims.of(), Dims.of()), dtype),
            a,
            b);
    HloInstruction bias =
        g.add(
            new HloOp.Broadcast(Dims.of(5, 3), Dims.of(1)),
            g.parameter(g.moderate(ArrayShape.of(dtype, 3))));
    HloInstruction root =
        random.nextBoolean()
            ? g.add(new HloOp.Binary(BinaryKind.ADD), dot, bias)
            : g.add(new HloOp.Binary(BinaryKind.ADD), bias, dot);
    ORACLE.close(g.module(root), g.arguments, 4, 4, "dot with bias of " + dtype);
  }

  /** What SGD and AdamW are made of: sums with scaled, multiplied and doubly multiplied terms. */
  private static void optimizerSums(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = ArrayShape.of(dtype, 3, 5);
    HloInstruction p = g.parameter(g.moderate(shape));
    HloInstruction m = g.parameter(g.moderate(shape));
    HloInstruction grad = g.parameter(g.moderate(shape));
    HloInstruction rate =
        g.add(
            new HloOp.Broadcast(shape.dims(), Dims.of()),
            g.parameter(g.moderate(ArrayShape.scalar(dtype))));
    HloInstruction beta = constant(g, shape, 0.9);
    HloInstruction rest = constant(g, shape, 0.1);
    HloInstruction decayed = binary(g, BinaryKind.MULTIPLY, beta, m);
    HloInstruction first =
        binary(g, BinaryKind.ADD, decayed, binary(g, BinaryKind.MULTIPLY, grad, rest));
    HloInstruction square = binary(g, BinaryKind.MULTIPLY, grad, grad);
    HloInstruction second =
        binary(
            g,
            BinaryKind.ADD,
            binary(g, BinaryKind.MULTIPLY, beta, p),
            binary(g, BinaryKind.MULTIPLY, rest, square));
    HloInstruction step =
        binary(g, BinaryKind.SUBTRACT, p, binary(g, BinaryKind.MULTIPLY, rate, first));
    HloInstruction shared = binary(g, BinaryKind.ADD, decayed, step);
    HloInstruction twice = binary(g, BinaryKind.ADD, square, square);
    HloInstruction root = g.add(new HloOp.Tuple(), first, second, step, shared, twice);
    ORACLE.close(g.module(root), g.arguments, 2, 4, "optimizer sums of " + dtype);
  }

  private static HloInstruction binary(
      GeneratedGraph g, BinaryKind kind, HloInstruction a, HloInstruction b) {
    return g.add(new HloOp.Binary(kind), a, b);
  }

  private static HloInstruction constant(GeneratedGraph g, ArrayShape shape, double value) {
    return g.add(
        new HloOp.Broadcast(shape.dims(), Dims.of()),
        g.add(new HloOp.Constant(Literal.scalar(shape.dtype(), value))));
  }
}
