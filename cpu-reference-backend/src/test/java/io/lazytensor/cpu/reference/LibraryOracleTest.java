package io.lazytensor.cpu.reference;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Oracle;
import java.lang.foreign.MemorySegment;
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

/** Sorting, normalization, linear algebra and random bits against the evaluator. */
class LibraryOracleTest {
  private static final Backend BACKEND =
      new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  private static final Oracle ORACLE = new Oracle(BACKEND);

  @AfterContainer
  static void close() {
    BACKEND.close();
  }

  @Property(tries = 40, seed = "13", shrinking = ShrinkingMode.OFF)
  void libraryCallsEqualTheEvaluator(@ForAll long seed) {
    everything(new Random(seed));
  }

  @Tag("full")
  @Property(tries = 400, seed = "14", shrinking = ShrinkingMode.OFF)
  void libraryCallsEqualTheEvaluatorAtLength(@ForAll long seed) {
    everything(new Random(seed));
  }

  private static void everything(Random random) {
    for (DType dtype : EnumSet.range(DType.PRED, DType.F64)) {
      sortOneKey(random, dtype);
      sortTwoKeys(random, dtype);
      topK(random, dtype);
      if (dtype != DType.PRED) {
        randomBits(random, dtype);
      }
      if (dtype.isFloating()) {
        normalization(random, dtype);
      }
    }
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      cholesky(random, dtype);
      triangularSolve(random, dtype);
    }
  }

  private static ArrayShape lines(GeneratedGraph g, DType dtype) {
    int[] dims = new int[1 + g.random.nextInt(3)];
    for (int d = 0; d < dims.length; d++) {
      dims[d] = g.random.nextInt(20) == 0 ? 0 : 1 + g.random.nextInt(9);
    }
    return ArrayShape.of(dtype, dims);
  }

  /** One key, in any order of the comparator's arguments, with payloads. */
  private static void sortOneKey(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = lines(g, dtype);
    int operands = 1 + random.nextInt(3);
    int key = random.nextInt(operands);
    boolean totalOrder = dtype.isFloating() && random.nextBoolean();
    HloBuilder b = new HloBuilder();
    List<HloInstruction> p = new ArrayList<>();
    HloInstruction[] arrays = new HloInstruction[operands];
    for (int k = 0; k < operands; k++) {
      DType type = k == key ? dtype : g.pick(List.of(DType.S32, DType.BF16, DType.PRED));
      // Without total order a NaN contradicts every order, and any result would do.
      arrays[k] =
          k == key && dtype.isFloating() && !totalOrder
              ? g.parameter(g.moderate(shape))
              : g.operand(shape.withDType(type));
      p.add(b.add(new HloOp.Parameter(2 * k, ArrayShape.scalar(type))));
      p.add(b.add(new HloOp.Parameter(2 * k + 1, ArrayShape.scalar(type))));
    }
    ComparisonDirection direction = g.pick(List.of(ComparisonDirection.LT, ComparisonDirection.GT));
    int first = random.nextInt(2);
    HloInstruction before =
        b.add(
            new HloOp.Compare(direction, totalOrder),
            p.get(2 * key + first),
            p.get(2 * key + 1 - first));
    HloInstruction root =
        g.add(
            new OrderOp.Sort(
                random.nextInt(shape.rank()), HloComputation.of("before", p, before), true),
            arrays);
    ORACLE.same(g.module(root), g.arguments, "sort of " + shape + " by " + direction);
  }

  /** Any comparator: by the first key, then by the second one backwards. */
  private static void sortTwoKeys(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = lines(g, dtype);
    HloBuilder b = new HloBuilder();
    List<HloInstruction> p = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      p.add(b.add(new HloOp.Parameter(i, ArrayShape.scalar(i < 2 ? dtype : DType.S8))));
    }
    HloInstruction equal = b.compare(ComparisonDirection.EQ, p.get(0), p.get(1));
    HloInstruction less = b.compare(ComparisonDirection.LT, p.get(0), p.get(1));
    HloInstruction greater = b.compare(ComparisonDirection.GT, p.get(2), p.get(3));
    HloComputation before = HloComputation.of("before", p, b.select(equal, greater, less));
    HloInstruction root =
        g.add(
            new OrderOp.Sort(random.nextInt(shape.rank()), before, random.nextBoolean()),
            g.operand(shape),
            g.operand(shape.withDType(DType.S8)));
    ORACLE.same(g.module(root), g.arguments, "sort by two keys of " + shape);
  }

  private static void topK(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = lines(g, dtype);
    int k = random.nextInt(shape.dim(shape.rank() - 1) + 1);
    HloInstruction root = g.add(new OrderOp.TopK(k, random.nextBoolean()), g.operand(shape));
    ORACLE.same(g.module(root), g.arguments, "top " + k + " of " + shape);
  }

  private static void randomBits(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(dtype, g.dims(3));
    LibraryOp.RandomAlgorithm algorithm = g.pick(List.of(LibraryOp.RandomAlgorithm.values()));
    int words = algorithm == LibraryOp.RandomAlgorithm.THREE_FRY || random.nextBoolean() ? 2 : 3;
    HloInstruction state = g.parameter(g.literal(ArrayShape.of(DType.U64, words)));
    HloInstruction root = g.add(new LibraryOp.RngBitGenerator(algorithm, shape), state);
    ORACLE.same(g.module(root), g.arguments, algorithm + " of " + shape);
  }

  private static void normalization(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    int rank = 1 + random.nextInt(4);
    int[] dims = random.ints(rank, 2, 6).toArray();
    int feature = random.nextInt(rank);
    ArrayShape shape = ArrayShape.of(dtype, dims);
    ArrayShape features = ArrayShape.of(dtype, dims[feature]);
    HloInstruction x = g.parameter(g.moderate(shape));
    HloInstruction scale = g.parameter(g.moderate(features));
    HloInstruction offset = g.parameter(g.moderate(features));
    HloInstruction variance = g.parameter(positive(g, features));
    HloInstruction gradient = g.parameter(g.moderate(shape));
    float epsilon = 0.01f;
    String what = " of " + shape + " along " + feature;
    // One over the deviation is up to ten, and so is the error of a small difference.
    ORACLE.close(
        g.module(g.add(new LibraryOp.BatchNormTraining(epsilon, feature), x, scale, offset)),
        g.arguments,
        32,
        1,
        "training" + what);
    ORACLE.close(
        g.module(
            g.add(
                new LibraryOp.BatchNormInference(epsilon, feature),
                x,
                scale,
                offset,
                offset,
                variance)),
        g.arguments,
        32,
        1,
        "inference" + what);
    ORACLE.close(
        g.module(
            g.add(
                new LibraryOp.BatchNormGrad(epsilon, feature),
                x,
                scale,
                offset,
                variance,
                gradient)),
        g.arguments,
        32,
        16,
        "gradient" + what);
  }

  private static Literal positive(GeneratedGraph g, ArrayShape shape) {
    return literal(shape, () -> 0.5 + g.random.nextDouble());
  }

  private interface Source {
    double next();
  }

  private static Literal literal(ArrayShape shape, Source source) {
    byte[] bytes = new byte[(int) shape.byteSize()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < shape.elementCount(); i++) {
      Literal.writeBits(
          segment, i, shape.dtype(), Numbers.encodeFloat(shape.dtype(), source.next()));
    }
    return Literal.ofBytes(shape, bytes);
  }

  /** Matrices whose diagonal outweighs the rest, and some that are not positive definite. */
  private static Literal matrices(GeneratedGraph g, ArrayShape shape, double diagonal) {
    int n = shape.dim(shape.rank() - 1);
    int[] at = {0};
    return literal(
        shape,
        () -> {
          int i = at[0]++ % (n * n);
          return i / n == i % n ? diagonal : g.random.nextDouble() - 0.5;
        });
  }

  private static void cholesky(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    int n = 1 + random.nextInt(6);
    ArrayShape shape =
        random.nextBoolean() ? ArrayShape.of(dtype, n, n) : ArrayShape.of(dtype, 3, n, n);
    double diagonal = random.nextInt(5) == 0 ? 0.1 : n;
    HloInstruction root =
        g.add(
            new LibraryOp.Cholesky(random.nextBoolean()),
            g.parameter(matrices(g, shape, diagonal)));
    ORACLE.close(g.module(root), g.arguments, 2, 1, "cholesky of " + shape);
  }

  private static void triangularSolve(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    int n = 1 + random.nextInt(6);
    int m = 1 + random.nextInt(4);
    boolean left = random.nextBoolean();
    boolean batched = random.nextBoolean();
    ArrayShape a = batched ? ArrayShape.of(dtype, 2, n, n) : ArrayShape.of(dtype, n, n);
    int rows = left ? n : m;
    int columns = left ? m : n;
    ArrayShape b =
        batched ? ArrayShape.of(dtype, 2, rows, columns) : ArrayShape.of(dtype, rows, columns);
    LibraryOp.TriangularSolve op =
        new LibraryOp.TriangularSolve(
            left,
            random.nextBoolean(),
            random.nextBoolean(),
            g.pick(List.of(LibraryOp.Transposition.values())));
    HloInstruction root = g.add(op, g.parameter(matrices(g, a, 2)), g.parameter(g.moderate(b)));
    ORACLE.close(g.module(root), g.arguments, 2, 4, op.toString());
  }
}
