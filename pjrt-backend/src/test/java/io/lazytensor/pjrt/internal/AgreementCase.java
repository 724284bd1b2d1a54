package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.pass.Passes;
import io.lazytensor.xla.testing.EveryOp;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.ModuleMutations;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/**
 * One operation with a type, sizes, attributes and arguments. What HLO leaves open is not asked
 * for: indices said to be unique or sorted that are not, initial values that change a sum, the
 * order of what cannot be ordered.
 *
 * @param opcode the operation
 * @param dtype its type
 */
record AgreementCase(HloOpcode opcode, DType dtype, HloModule module, List<Literal> arguments) {
  /** Operations that sum, or solve: of moderate numbers, as sums of infinities say little. */
  private static final Set<HloOpcode> MODERATE =
      EnumSet.of(
          HloOpcode.BATCH_NORM_GRAD,
          HloOpcode.BATCH_NORM_INFERENCE,
          HloOpcode.BATCH_NORM_TRAINING,
          HloOpcode.CHOLESKY,
          HloOpcode.CONVOLUTION,
          HloOpcode.DOT,
          HloOpcode.FFT,
          HloOpcode.REDUCE,
          HloOpcode.REDUCE_WINDOW,
          HloOpcode.SCATTER,
          HloOpcode.SELECT_AND_SCATTER,
          HloOpcode.SORT,
          HloOpcode.TOPK,
          HloOpcode.TRIANGULAR_SOLVE,
          HloOpcode.WHILE);

  private static final Set<HloOpcode> REDUCTIONS =
      EnumSet.of(
          HloOpcode.REDUCE,
          HloOpcode.REDUCE_WINDOW,
          HloOpcode.SCATTER,
          HloOpcode.SELECT_AND_SCATTER);

  private static final List<BinaryKind> REDUCERS =
      List.of(BinaryKind.ADD, BinaryKind.MAXIMUM, BinaryKind.MINIMUM);

  /** Three quarters of the cases have a type that programs compute with. */
  private static final List<DType> COMMON =
      List.of(
          DType.PRED,
          DType.S8,
          DType.S32,
          DType.S64,
          DType.U8,
          DType.U32,
          DType.F16,
          DType.BF16,
          DType.F32,
          DType.F32,
          DType.F64,
          DType.C64);

  private static final long LARGEST = 20_000;
  private static final List<HloModule> BASES = List.copyOf(EveryOp.modules().values());
  private static final ModuleMutations MUTATIONS = new ModuleMutations(BASES);

  /**
   * Returns the case of a number.
   *
   * @throws io.lazytensor.xla.ir.LazyTensorException if the operation does not take the type, the
   *     sizes or the attributes
   */
  static AgreementCase of(HloOpcode opcode, Random random) {
    HloModule module = EveryOp.module(opcode);
    DType dtype = pick(random.nextInt(4) > 0 ? COMMON : List.of(DType.values()), random);
    List<Shape> shapes =
        module.parameterShapes().isEmpty() ? module.outputShapes() : module.parameterShapes();
    // A loop's counter counts as it does: in a smaller type it might never get there.
    Shape from = opcode == HloOpcode.WHILE ? shapes.getLast() : pick(shapes, random);
    module = ModuleMutations.retyped(module, from.asArray().dtype(), dtype);
    for (int k = random.nextInt(3); k > 0; k--) {
      module = ModuleMutations.resized(module, 1 + random.nextInt(5), random.nextInt(9));
    }
    if (random.nextInt(3) > 0) {
      module = MUTATIONS.withAttribute(module, random);
    }
    BinaryKind reducer = REDUCTIONS.contains(opcode) ? pick(REDUCERS, random) : BinaryKind.ADD;
    module = ModuleMutations.everywhere(module, value -> settled(value, reducer));
    module = Passes.explicitBroadcasts(module);
    HloVerifier.verifyForPlugin(module);
    for (HloInstruction x : module.entry().instructions()) {
      if (x.shape() instanceof ArrayShape array && array.elementCount() > LARGEST) {
        throw new UnsupportedException(x + " would only be slow");
      }
    }
    HloOpcode changed = module.entry().root().op().code();
    return new AgreementCase(changed, dtype, module, arguments(changed, module, reducer, random));
  }

  private static <T> T pick(List<T> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }

  /** Takes promises back that arguments may not keep. */
  private static Object settled(Object value, BinaryKind reducer) {
    return switch (value) {
      case BinaryKind kind when kind == BinaryKind.ADD -> reducer;
      case OrderOp.Sort sort -> new OrderOp.Sort(sort.dimension(), sort.comparator(), true);
      case HloOp.Gather gather ->
          new HloOp.Gather(gather.dimensionNumbers(), gather.sliceSizes(), false);
      case HloOp.Scatter scatter when scatter.indicesAreSorted() || scatter.uniqueIndices() ->
          new HloOp.Scatter(
              scatter.dimensionNumbers(), withReducer(scatter, reducer), false, false);
      case ControlOp.CustomCall call -> call;
      default -> value;
    };
  }

  private static HloComputation withReducer(HloOp.Scatter scatter, BinaryKind reducer) {
    DType dtype = scatter.combiner().parameters().getFirst().arrayShape().dtype();
    return Graphs.reducer(reducer, dtype);
  }

  private static List<Literal> arguments(
      HloOpcode opcode, HloModule module, BinaryKind reducer, Random random) {
    GeneratedGraph values = new GeneratedGraph(random);
    List<Literal> out = new ArrayList<>();
    for (HloInstruction parameter : module.entry().parameters()) {
      ArrayShape shape = parameter.arrayShape();
      boolean matrix =
          out.isEmpty() && (opcode == HloOpcode.CHOLESKY || opcode == HloOpcode.TRIANGULAR_SOLVE);
      if (matrix) {
        out.add(definite(shape, random));
      } else if (REDUCTIONS.contains(opcode) && shape.isScalar()) {
        out.add(identity(shape.dtype(), reducer));
      } else if (MODERATE.contains(opcode)) {
        out.add(
            positive(opcode, out.size())
                ? variances(shape, random)
                : ofParts(shape, values::moderate));
      } else if (opcode == HloOpcode.POWER && shape.dtype().isInteger() && !out.isEmpty()) {
        out.add(exponents(shape, random));
      } else {
        out.add(ofParts(shape, values::literal));
      }
    }
    return out;
  }

  /** A complex number takes the place of two real ones. */
  private static Literal ofParts(ArrayShape shape, Function<ArrayShape, Literal> values) {
    if (!shape.dtype().isComplex()) {
      return values.apply(shape);
    }
    int count = Math.toIntExact(2 * shape.elementCount());
    Literal parts = values.apply(ArrayShape.of(shape.dtype().realType(), count));
    return Literal.ofSegment(shape, parts.segment());
  }

  private static boolean positive(HloOpcode opcode, int parameter) {
    return opcode == HloOpcode.BATCH_NORM_INFERENCE && parameter == 4
        || opcode == HloOpcode.BATCH_NORM_GRAD && parameter == 3;
  }

  private static Literal variances(ArrayShape shape, Random random) {
    return filled(shape, (_, _) -> 0.5 + random.nextDouble());
  }

  /** XLA's CPU compiler reads the lowest six bits of an exponent, so none is larger. */
  private static Literal exponents(ArrayShape shape, Random random) {
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    int bound = (int) Math.min(64, 1L << (Math.min(32, shape.dtype().bitWidth()) - 1));
    int least = shape.dtype().isSigned() ? Math.max(-4, -bound) : 0;
    for (int i = 0; i < shape.elementCount(); i++) {
      int exponent = least + random.nextInt(bound - least);
      Literal.writeBits(segment, i, shape.dtype(), exponent);
    }
    return Literal.ofBytes(shape, bytes);
  }

  /** Returns symmetric matrices whose diagonal outweighs the rest. */
  private static Literal definite(ArrayShape shape, Random random) {
    double off = random.nextDouble() - 0.5;
    return filled(
        shape, (row, column) -> row == column ? 8 + row % 3 : off * Math.cos(1.0 + row + column));
  }

  private interface Entry {
    double at(long row, long column);
  }

  private static Literal filled(ArrayShape shape, Entry entry) {
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    DType part = shape.dtype().realType();
    int parts = shape.dtype().isComplex() ? 2 : 1;
    int columns = shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
    int rows = shape.rank() < 2 ? 1 : shape.dim(shape.rank() - 2);
    for (int i = 0; i < shape.elementCount(); i++) {
      double value = entry.at(i / columns % rows, i % columns);
      Literal.writeBits(segment, (long) i * parts, part, Numbers.encodeFloat(part, value));
    }
    return Literal.ofBytes(shape, bytes);
  }

  private static Literal identity(DType dtype, BinaryKind reducer) {
    if (reducer == BinaryKind.ADD || dtype.isComplex()) {
      return Literal.scalar(dtype, 0);
    }
    boolean highest = reducer == BinaryKind.MINIMUM;
    if (dtype == DType.PRED) {
      return Literal.scalarBits(dtype, highest ? 1 : 0);
    }
    return Literal.scalar(dtype, highest ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY);
  }
}
