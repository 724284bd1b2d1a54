package io.lazytensor.internal.lower;

import io.lazytensor.autograd.GradientRegion;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makers of single instructions that leave out what would change nothing. */
public final class Primitives {
  private Primitives() {}

  /** Returns an exception whose message ends with the user's line. */
  static ShapeException refuse(HloBuilder b, String message) {
    SourceLine source = b.metadata().source();
    return new ShapeException(
        source.equals(SourceLine.UNKNOWN) ? message : message + " (" + source + ")");
  }

  static DType type(HloInstruction x) {
    return x.arrayShape().dtype();
  }

  static Dims dims(HloInstruction x) {
    return x.arrayShape().dims();
  }

  static int rank(HloInstruction x) {
    return x.arrayShape().rank();
  }

  /** Returns the type that sums and norms of this type are computed in. */
  static DType wide(DType type) {
    return type == DType.F16 || type == DType.BF16 ? DType.F32 : type;
  }

  /** Returns the operand in the type that sums and norms are computed in. */
  static HloInstruction widen(HloBuilder b, HloInstruction x) {
    return convert(b, x, wide(type(x)));
  }

  /** Returns a scalar constant, converted as HLO's {@code convert}. */
  public static HloInstruction constant(HloBuilder b, DType type, double value) {
    return b.add(new HloOp.Constant(Literal.scalar(type, value)));
  }

  /** Returns an array of one value. */
  public static HloInstruction filled(HloBuilder b, DType type, Dims dims, double value) {
    return spread(b, constant(b, type, value), dims);
  }

  /** Returns an array of zeros with the operand's shape. */
  static HloInstruction zeros(HloBuilder b, HloInstruction like) {
    return filled(b, type(like), dims(like), 0);
  }

  /** Counts from zero along one dimension. */
  public static HloInstruction iota(HloBuilder b, DType type, Dims dims, int dimension) {
    return b.add(new HloOp.Iota(new ArrayShape(type, dims), dimension));
  }

  /** Converts to a type; the operand itself if it has that type. */
  public static HloInstruction convert(HloBuilder b, HloInstruction x, DType type) {
    return type(x) == type ? x : b.add(new HloOp.Convert(type), x);
  }

  /** Repeats a scalar; the operand itself if the result is a scalar too. */
  static HloInstruction spread(HloBuilder b, HloInstruction scalar, Dims dims) {
    return dims.isEmpty() ? scalar : b.add(new HloOp.Broadcast(dims, Dims.of()), scalar);
  }

  /** Repeats an operand whose dimension {@code i} becomes {@code dimensions[i]} of the result. */
  static HloInstruction broadcast(
      HloBuilder b, HloInstruction x, Dims resultDims, Dims dimensions) {
    return dims(x).equals(resultDims) ? x : b.add(new HloOp.Broadcast(resultDims, dimensions), x);
  }

  /** Repeats the result of a reduction along the dimensions that were reduced away. */
  static HloInstruction restore(
      HloBuilder b, HloInstruction reduced, Dims original, Dims reducedDims) {
    return broadcast(b, reduced, original, complement(original.size(), reducedDims));
  }

  /** Returns the dimension numbers below {@code rank} that are not among {@code dims}. */
  static Dims complement(int rank, Dims dims) {
    return Dims.of(Dims.range(rank).stream().filter(d -> !dims.contains(d)).toArray());
  }

  static HloInstruction reshape(HloBuilder b, HloInstruction x, Dims dims) {
    return dims(x).equals(dims) ? x : b.add(new HloOp.Reshape(dims), x);
  }

  static HloInstruction transpose(HloBuilder b, HloInstruction x, Dims permutation) {
    return permutation.equals(Dims.range(rank(x))) ? x : b.add(new HloOp.Transpose(permutation), x);
  }

  static HloInstruction unary(HloBuilder b, UnaryKind kind, HloInstruction x) {
    return b.add(new HloOp.Unary(kind), x);
  }

  /** Combines two operands of one shape and type. */
  static HloInstruction binary(HloBuilder b, BinaryKind kind, HloInstruction x, HloInstruction y) {
    return b.add(new HloOp.Binary(kind), x, y);
  }

  /** Combines an operand with a number of its type. */
  static HloInstruction binary(HloBuilder b, BinaryKind kind, HloInstruction x, double y) {
    return binary(b, kind, x, filled(b, type(x), dims(x), y));
  }

  static HloInstruction add(HloBuilder b, HloInstruction x, HloInstruction y) {
    return binary(b, BinaryKind.ADD, x, y);
  }

  static HloInstruction sub(HloBuilder b, HloInstruction x, HloInstruction y) {
    return binary(b, BinaryKind.SUBTRACT, x, y);
  }

  static HloInstruction mul(HloBuilder b, HloInstruction x, HloInstruction y) {
    return binary(b, BinaryKind.MULTIPLY, x, y);
  }

  static HloInstruction div(HloBuilder b, HloInstruction x, HloInstruction y) {
    return binary(b, BinaryKind.DIVIDE, x, y);
  }

  static HloInstruction add(HloBuilder b, HloInstruction x, double y) {
    return binary(b, BinaryKind.ADD, x, y);
  }

  static HloInstruction mul(HloBuilder b, HloInstruction x, double y) {
    return binary(b, BinaryKind.MULTIPLY, x, y);
  }

  static HloInstruction div(HloBuilder b, HloInstruction x, double y) {
    return binary(b, BinaryKind.DIVIDE, x, y);
  }

  /** Returns {@code x - y} for a number {@code x}. */
  static HloInstruction rsub(HloBuilder b, double x, HloInstruction y) {
    return sub(b, filled(b, type(y), dims(y), x), y);
  }

  static HloInstruction negate(HloBuilder b, HloInstruction x) {
    return unary(b, UnaryKind.NEGATE, x);
  }

  static HloInstruction exp(HloBuilder b, HloInstruction x) {
    return unary(b, UnaryKind.EXPONENTIAL, x);
  }

  static HloInstruction log(HloBuilder b, HloInstruction x) {
    return unary(b, UnaryKind.LOG, x);
  }

  /** Compares two operands of one shape and type by IEEE's rules. */
  static HloInstruction compare(
      HloBuilder b, ComparisonDirection direction, HloInstruction x, HloInstruction y) {
    return b.add(new HloOp.Compare(direction, false), x, y);
  }

  /** Compares an operand with a number of its type. */
  static HloInstruction compare(
      HloBuilder b, ComparisonDirection direction, HloInstruction x, double y) {
    return compare(b, direction, x, filled(b, type(x), dims(x), y));
  }

  static HloInstruction select(
      HloBuilder b, HloInstruction condition, HloInstruction onTrue, HloInstruction onFalse) {
    return b.add(new HloOp.Select(), condition, onTrue, onFalse);
  }

  /** Limits an operand by two numbers of its type; NaN stays. */
  static HloInstruction clamp(HloBuilder b, double min, HloInstruction x, double max) {
    DType type = type(x);
    return b.add(new HloOp.Clamp(), constant(b, type, min), x, constant(b, type, max));
  }

  static HloInstruction element(HloBuilder b, HloInstruction tuple, int index) {
    return b.add(new HloOp.GetTupleElement(index), tuple);
  }

  /**
   * Returns the same instruction with a gradient of its own.
   *
   * @param output the instruction just made for this purpose; nobody else may have it
   * @param inputs what the output is a function of
   * @param rule the vector-Jacobian product
   */
  static HloInstruction withGradient(
      HloInstruction output, List<HloInstruction> inputs, GradientRegion.Rule rule) {
    return new HloInstruction(
        output.op(),
        output.shape(),
        output.operands(),
        output.metadata(),
        new GradientRegion.CustomGradient(inputs, rule));
  }

  /** The vector-Jacobian product of a function of one input. */
  interface Derivative {
    HloInstruction apply(
        HloBuilder b, HloInstruction in, HloInstruction out, HloInstruction gradient);
  }

  /** Returns the same instruction as a function of one input with a gradient of its own. */
  static HloInstruction withGradient(
      HloInstruction output, HloInstruction input, Derivative derivative) {
    return withGradient(
        output,
        List.of(input),
        (b, inputs, out, gradient) ->
            List.<@Nullable HloInstruction>of(
                derivative.apply(b, inputs.getFirst(), out, gradient)));
  }

  /** Returns the operand as a constant for differentiation (PyTorch's {@code detach}). */
  public static HloInstruction stopGradient(HloBuilder b, HloInstruction x) {
    HloInstruction copy = unary(b, UnaryKind.COPY, x);
    return new HloInstruction(
        copy.op(),
        copy.shape(),
        copy.operands(),
        copy.metadata(),
        new GradientRegion.StopGradient());
  }

  /**
   * Returns a dimension number counted from the front.
   *
   * @param dim from {@code -rank} to {@code rank - 1}; a scalar counts as rank 1, as in PyTorch
   */
  static int axis(HloBuilder b, HloInstruction x, int dim) {
    int rank = rank(x);
    int range = Math.max(rank, 1);
    if (dim < -range || dim >= range) {
      throw refuse(
          b,
          b.metadata().opName()
              + " of "
              + x.shape()
              + " has no dimension "
              + dim
              + ": expected "
              + -range
              + " to "
              + (range - 1));
    }
    return dim < 0 ? dim + range : dim;
  }
}
