package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Graphs;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A generated program of moves, exact arithmetic, reductions and products, with its arguments. What
 * it computes is exact in every order: small integers, whatever the type.
 */
final class RandomModule {
  private static final List<DType> TYPES =
      List.of(DType.F32, DType.S32, DType.F64, DType.S64, DType.U32, DType.S8, DType.S16);

  private final Random random;
  private final GeneratedGraph graph;
  private final DType dtype;
  private final List<HloInstruction> values = new ArrayList<>();

  RandomModule(Random random) {
    this.random = random;
    this.graph = new GeneratedGraph(random);
    this.dtype = graph.pick(TYPES);
  }

  List<Literal> arguments() {
    return graph.arguments;
  }

  HloModule build() {
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      values.add(graph.parameter(small(ArrayShape.of(dtype, dims()))));
    }
    for (int i = 0; i < 4 + random.nextInt(10); i++) {
      values.add(next(graph.pick(values)));
    }
    List<HloInstruction> results = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      results.add(values.get(values.size() - 1 - random.nextInt(Math.min(5, values.size()))));
    }
    return graph.module(graph.builder.add(new HloOp.Tuple(), results));
  }

  private int[] dims() {
    return random.ints(random.nextInt(4), 1, 6).toArray();
  }

  private Literal small(ArrayShape shape) {
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    var segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < shape.elementCount(); i++) {
      Literal one =
          Literal.scalar(dtype, dtype.isUnsigned() ? random.nextInt(4) : random.nextInt(7) - 3);
      Literal.writeBits(segment, i, dtype, one.bits(0));
    }
    return Literal.ofBytes(shape, bytes);
  }

  private HloInstruction next(HloInstruction x) {
    ArrayShape shape = x.arrayShape();
    int rank = shape.rank();
    return switch (random.nextInt(13)) {
      case 0 -> bounded(BinaryKind.ADD, x, like(x));
      case 1 -> bounded(BinaryKind.MULTIPLY, x, like(x));
      case 2 -> graph.add(new HloOp.Binary(BinaryKind.MAXIMUM), x, like(x));
      case 3 -> bounded(BinaryKind.SUBTRACT, x, like(x));
      case 4 -> graph.add(new HloOp.Unary(dtype.isUnsigned() ? UnaryKind.COPY : UnaryKind.ABS), x);
      case 5 -> graph.add(new HloOp.Transpose(Dims.of(graph.permutation(rank))), x);
      case 6 -> graph.add(new HloOp.Reverse(Dims.range(rank)), x);
      case 7 ->
          rank == 0
              ? graph.add(new HloOp.Broadcast(Dims.of(2, 3), Dims.of()), x)
              : bounded(reduce(x));
      case 8 -> graph.add(new HloOp.Reshape(Dims.of(1, (int) shape.elementCount())), x);
      case 9 -> select(x);
      case 10 -> rank == 2 ? dot(x) : graph.add(new HloOp.Unary(UnaryKind.COPY), x);
      case 11 -> pad(x);
      default -> rank == 0 ? x : graph.add(new HloOp.Concatenate(random.nextInt(rank)), x, x);
    };
  }

  /** A value of the same shape: one that is there, or a constant. */
  private HloInstruction like(HloInstruction x) {
    List<HloInstruction> same =
        values.stream().filter(v -> v.arrayShape().equals(x.arrayShape())).toList();
    return random.nextInt(3) == 0
        ? graph.add(new HloOp.Constant(small(x.arrayShape())))
        : graph.pick(same);
  }

  private HloInstruction bounded(BinaryKind kind, HloInstruction a, HloInstruction b) {
    return bounded(graph.add(new HloOp.Binary(kind), a, b));
  }

  /** Keeps values small, so that sums and products stay exact in every type. */
  private HloInstruction bounded(HloInstruction x) {
    HloInstruction low =
        graph.add(new HloOp.Constant(Literal.scalar(dtype, dtype.isUnsigned() ? 0 : -5)));
    HloInstruction high = graph.add(new HloOp.Constant(Literal.scalar(dtype, 5)));
    return graph.add(new HloOp.Clamp(), low, x, high);
  }

  private HloInstruction reduce(HloInstruction x) {
    BinaryKind kind = graph.pick(List.of(BinaryKind.ADD, BinaryKind.MAXIMUM, BinaryKind.MINIMUM));
    return graph.add(
        new HloOp.Reduce(
            Dims.of(random.nextInt(x.arrayShape().rank())), Graphs.reducer(kind, dtype)),
        x,
        graph.add(new HloOp.Constant(Literal.scalar(dtype, identity(kind)))));
  }

  /** XLA may use the initial value any number of times. */
  private double identity(BinaryKind kind) {
    if (kind == BinaryKind.ADD) {
      return 0;
    }
    return kind == BinaryKind.MAXIMUM ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  private HloInstruction select(HloInstruction x) {
    HloInstruction other = like(x);
    return graph.add(
        new HloOp.Select(),
        graph.add(
            new HloOp.Compare(graph.pick(List.of(ComparisonDirection.values())), false), x, other),
        x,
        other);
  }

  private HloInstruction dot(HloInstruction x) {
    int inner = x.arrayShape().dim(1);
    HloInstruction y = graph.parameter(small(ArrayShape.of(dtype, inner, 1 + random.nextInt(5))));
    return bounded(
        graph.add(
            new HloOp.Dot(
                new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of()), dtype),
            x,
            y));
  }

  private HloInstruction pad(HloInstruction x) {
    int rank = x.arrayShape().rank();
    return graph.add(
        new HloOp.Pad(
            new PaddingConfig(
                Dims.of(random.ints(rank, 0, 3).toArray()),
                Dims.of(random.ints(rank, 0, 3).toArray()),
                Dims.of(random.ints(rank, 0, 2).toArray()))),
        x,
        graph.add(new HloOp.Constant(Literal.scalar(dtype, 2))));
  }
}
