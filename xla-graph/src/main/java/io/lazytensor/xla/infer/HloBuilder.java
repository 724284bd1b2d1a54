package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Makes instructions whose shapes are inferred, all with the same metadata. */
public final class HloBuilder {
  private final Metadata metadata;

  /** Creates a builder that marks its instructions with an origin. */
  public HloBuilder(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Creates a builder without an origin. */
  public HloBuilder() {
    this(Metadata.NONE);
  }

  /** Returns the origin of what this makes. */
  public Metadata metadata() {
    return metadata;
  }

  /**
   * Makes one instruction.
   *
   * @throws io.lazytensor.xla.ir.ShapeException if the operands do not fit
   */
  public HloInstruction add(HloOp op, List<HloInstruction> operands) {
    List<Shape> shapes = new ArrayList<>(operands.size());
    for (HloInstruction operand : operands) {
      shapes.add(operand.shape());
    }
    Shape shape = ShapeInference.infer(op, shapes);
    return new HloInstruction(op, shape, operands, metadata, null);
  }

  /** Makes one instruction. */
  public HloInstruction add(HloOp op, HloInstruction... operands) {
    return add(op, List.of(operands));
  }

  // ---- short forms ------------------------------------------------------------------------------

  /** Makes a scalar constant, converted as HLO's {@code convert}. */
  public HloInstruction constant(DType type, double value) {
    return add(new HloOp.Constant(Literal.scalar(type, value)));
  }

  /** Makes an array of one value with an operand's shape. */
  public HloInstruction filledLike(HloInstruction x, double value) {
    return spread(constant(x.arrayShape().dtype(), value), x.arrayShape().dims());
  }

  /** Repeats a scalar; the scalar itself if the result is one. */
  public HloInstruction spread(HloInstruction scalar, Dims dims) {
    return dims.isEmpty() ? scalar : add(new HloOp.Broadcast(dims, Dims.of()), scalar);
  }

  /** Applies an elementwise function. */
  public HloInstruction unary(UnaryKind kind, HloInstruction x) {
    return add(new HloOp.Unary(kind), x);
  }

  /** Combines two operands of one shape and type. */
  public HloInstruction binary(BinaryKind kind, HloInstruction x, HloInstruction y) {
    return add(new HloOp.Binary(kind), x, y);
  }

  /** Makes a sum. */
  public HloInstruction plus(HloInstruction x, HloInstruction y) {
    return binary(BinaryKind.ADD, x, y);
  }

  /** Makes a difference. */
  public HloInstruction minus(HloInstruction x, HloInstruction y) {
    return binary(BinaryKind.SUBTRACT, x, y);
  }

  /** Makes a product. */
  public HloInstruction times(HloInstruction x, HloInstruction y) {
    return binary(BinaryKind.MULTIPLY, x, y);
  }

  /** Makes a product with a number. */
  public HloInstruction times(HloInstruction x, double y) {
    return times(x, filledLike(x, y));
  }

  /** Makes a quotient. */
  public HloInstruction over(HloInstruction x, HloInstruction y) {
    return binary(BinaryKind.DIVIDE, x, y);
  }

  /** Makes a negative. */
  public HloInstruction negative(HloInstruction x) {
    return unary(UnaryKind.NEGATE, x);
  }

  /** Compares by IEEE's rules. */
  public HloInstruction compare(ComparisonDirection direction, HloInstruction x, HloInstruction y) {
    return add(new HloOp.Compare(direction, false), x, y);
  }

  /** Chooses between two operands of one shape. */
  public HloInstruction select(
      HloInstruction condition, HloInstruction onTrue, HloInstruction onFalse) {
    return add(new HloOp.Select(), condition, onTrue, onFalse);
  }

  /** Converts; the operand itself if it has the type. */
  public HloInstruction convert(HloInstruction x, DType type) {
    return x.arrayShape().dtype() == type ? x : add(new HloOp.Convert(type), x);
  }

  /** Reorders dimensions; the operand itself if they stay. */
  public HloInstruction transpose(HloInstruction x, Dims permutation) {
    return permutation.equals(Dims.range(permutation.size()))
        ? x
        : add(new HloOp.Transpose(permutation), x);
  }

  /** Sums along dimensions; the operand itself if there are none. */
  public HloInstruction sum(HloInstruction x, Dims dimensions) {
    if (dimensions.isEmpty()) {
      return x;
    }
    DType type = x.arrayShape().dtype();
    return add(
        new HloOp.Reduce(dimensions, scalarFunction(BinaryKind.ADD, type)), x, constant(type, 0));
  }

  /** Returns the computation that combines two scalars. */
  public static HloComputation scalarFunction(BinaryKind kind, DType type) {
    HloComputation sum = kind == BinaryKind.ADD ? Sums.OF_TYPE.get(type) : null;
    return sum == null ? newScalarFunction(kind, type) : sum;
  }

  // Gradients sum all the time; one computation for all of them compares by identity.
  private static final class Sums {
    static final Map<DType, HloComputation> OF_TYPE = new EnumMap<>(DType.class);

    static {
      for (DType type : DType.values()) {
        OF_TYPE.put(type, newScalarFunction(BinaryKind.ADD, type));
      }
    }
  }

  private static HloComputation newScalarFunction(BinaryKind kind, DType type) {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.scalar(type)));
    HloInstruction y = b.add(new HloOp.Parameter(1, ArrayShape.scalar(type)));
    return HloComputation.of(
        kind.hloName() + "_" + type, List.of(x, y), b.add(new HloOp.Binary(kind), x, y));
  }
}
