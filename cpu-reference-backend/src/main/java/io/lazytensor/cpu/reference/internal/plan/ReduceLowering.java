package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.ReduceLoop;
import io.lazytensor.cpu.reference.internal.kernel.Reducers;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Reductions: libtorch for the usual reducers, a loop for all others. */
final class ReduceLowering {
  private final Emitter emitter;
  private final ElementwiseLowering elementwise;

  ReduceLowering(Emitter emitter, ElementwiseLowering elementwise) {
    this.emitter = emitter;
    this.elementwise = elementwise;
  }

  List<Value> reduce(HloInstruction origin, HloOp.Reduce op, List<Value> operands) {
    if (operands.size() == 2) {
      Optional<Value> direct = direct(origin, op, operands.get(0), operands.get(1));
      if (direct.isPresent()) {
        return List.of(direct.get());
      }
    }
    int n = operands.size() / 2;
    List<Value> in = operands.subList(0, n);
    List<Value> init = operands.subList(n, 2 * n);
    List<Value> out =
        in.stream().map(v -> emitter.temporary(reducedShape(v, op.dimensions()))).toList();
    emitter.emit(
        new Step(
            origin,
            operands,
            out,
            false,
            (b, i, o) ->
                new ReduceLoop(
                    Emitter.locations(b, i.subList(0, in.size())),
                    Emitter.locations(b, i.subList(in.size(), in.size() + init.size())),
                    Emitter.locations(b, o),
                    op.dimensions(),
                    op.reducer())));
    return out;
  }

  /** Sums floats along dimensions. */
  Value sum(HloInstruction origin, Value x, Dims dimensions) {
    if (dimensions.isEmpty()) {
      return x;
    }
    Value out = emitter.temporary(reducedShape(x, dimensions));
    emitter.emit(origin, List.of(x), List.of(out), sum(x.dtype(), dimensions));
    return out;
  }

  private static ArrayShape reducedShape(Value value, Dims dimensions) {
    int[] kept =
        java.util.stream.IntStream.range(0, value.rank())
            .filter(d -> !dimensions.contains(d))
            .map(d -> Math.toIntExact(value.sizes()[d]))
            .toArray();
    return ArrayShape.of(value.dtype(), kept);
  }

  private Optional<Value> direct(HloInstruction origin, HloOp.Reduce op, Value x, Value init) {
    Optional<BinaryKind> kind = Reducers.simpleKind(op.reducer());
    if (kind.isEmpty() || x.elementCount() == 0 || op.dimensions().isEmpty()) {
      return Optional.empty();
    }
    Optional<Step.Factory> factory = factory(kind.get(), x.dtype(), op.dimensions());
    if (factory.isEmpty()) {
      return Optional.empty();
    }
    Value out = emitter.temporary(reducedShape(x, op.dimensions()));
    emitter.emit(new Step(origin, List.of(x), List.of(out), false, factory.get()));
    if (init.splat().filter(literal -> isIdentity(kind.get(), literal)).isPresent()) {
      return Optional.of(out);
    }
    Value start = init.broadcast(out.shape().dims(), Dims.of());
    return Optional.of(elementwise.binary(origin, kind.get(), out, start));
  }

  private static Optional<Step.Factory> factory(BinaryKind kind, DType dtype, Dims dimensions) {
    boolean pred = dtype == DType.PRED;
    boolean ordered = pred || dtype.isFloating() || dtype.isSigned() || dtype == DType.U8;
    return switch (kind) {
      case ADD -> Optional.of(pred ? max(dimensions) : sum(dtype, dimensions));
      case MAXIMUM -> ordered ? Optional.of(max(dimensions)) : Optional.empty();
      case MINIMUM -> ordered ? Optional.of(min(dimensions)) : Optional.empty();
      case OR -> pred ? Optional.of(max(dimensions)) : Optional.empty();
      case AND -> pred ? Optional.of(min(dimensions)) : Optional.empty();
      case MULTIPLY ->
          pred
              ? Optional.of(min(dimensions))
              : dimensions.size() == 1
                  ? Optional.of(product(dtype, dimensions.get(0)))
                  : Optional.empty();
      case XOR,
          ATAN2,
          DIVIDE,
          MULHI,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          SUBTRACT ->
          Optional.empty();
    };
  }

  private static Step.Factory sum(DType dtype, Dims dimensions) {
    long[] dims = dimensions.toLongArray();
    return (b, in, out) -> {
      Tensor to = b.tensor(out.get(0));
      Tensor x = b.tensor(in.get(0));
      ScalarTypeOptional type = b.keep(new ScalarTypeOptional(Binder.scalarType(dtype)));
      return () -> torch.sum_out(to, x, dims, false, type);
    };
  }

  private static Step.Factory product(DType dtype, int dimension) {
    return (b, in, out) -> {
      Tensor to = b.tensor(out.get(0));
      Tensor x = b.tensor(in.get(0));
      ScalarTypeOptional type = b.keep(new ScalarTypeOptional(Binder.scalarType(dtype)));
      return () -> torch.prod_out(to, x, dimension, false, type);
    };
  }

  private static Step.Factory max(Dims dimensions) {
    long[] dims = dimensions.toLongArray();
    return (b, in, out) -> {
      Tensor to = b.tensor(out.get(0));
      Tensor x = b.tensor(in.get(0));
      return () -> torch.amax_out(to, x, dims, false);
    };
  }

  private static Step.Factory min(Dims dimensions) {
    long[] dims = dimensions.toLongArray();
    return (b, in, out) -> {
      Tensor to = b.tensor(out.get(0));
      Tensor x = b.tensor(in.get(0));
      return () -> torch.amin_out(to, x, dims, false);
    };
  }

  /** Returns what changes nothing when one of the commutative operations combines it. */
  static Literal identity(BinaryKind kind, DType dtype) {
    boolean floating = dtype.isFloating();
    long lowest = dtype.isSigned() ? 1L << (dtype.bitWidth() - 1) : 0;
    long allOnes = -1L >>> (64 - (dtype == DType.PRED ? 1 : dtype.bitWidth()));
    return switch (kind) {
      // A negative zero keeps the sign of a sum of negative zeros.
      case ADD -> floating ? Literal.scalar(dtype, -0.0) : Literal.scalarBits(dtype, 0);
      case OR, XOR -> Literal.scalarBits(dtype, 0);
      case MULTIPLY -> Literal.scalar(dtype, 1);
      case MAXIMUM ->
          floating
              ? Literal.scalar(dtype, Double.NEGATIVE_INFINITY)
              : Literal.scalarBits(dtype, lowest);
      case MINIMUM ->
          floating
              ? Literal.scalar(dtype, Double.POSITIVE_INFINITY)
              : Literal.scalarBits(dtype, allOnes ^ lowest);
      case AND -> Literal.scalarBits(dtype, allOnes);
      case ATAN2,
          DIVIDE,
          MULHI,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          SUBTRACT ->
          throw new IllegalArgumentException(kind + " has no identity");
    };
  }

  /** Returns whether starting from a literal changes nothing. */
  private static boolean isIdentity(BinaryKind kind, Literal literal) {
    DType dtype = literal.shape().dtype();
    double value = literal.toDouble(0);
    boolean floating = dtype.isFloating();
    long lowest = dtype.isSigned() ? 1L << (dtype.bitWidth() - 1) : 0;
    long allOnes = -1L >>> (64 - (dtype == DType.PRED ? 1 : dtype.bitWidth()));
    return switch (kind) {
      case ADD, OR, XOR -> value == 0;
      case MULTIPLY -> value == 1;
      case MAXIMUM -> floating ? value == Double.NEGATIVE_INFINITY : literal.bits(0) == lowest;
      case MINIMUM ->
          floating ? value == Double.POSITIVE_INFINITY : literal.bits(0) == (allOnes ^ lowest);
      case AND -> literal.bits(0) == allOnes;
      case ATAN2,
          DIVIDE,
          MULHI,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          SUBTRACT ->
          false;
    };
  }
}
