package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.WindowOp;
import java.util.List;

/**
 * The result shape of every operation, and the rules its operands must keep.
 *
 * <p>Source: XLA {@code docs/operation_semantics.md} and {@code xla/service/shape_inference.cc}.
 */
public final class ShapeInference {
  private ShapeInference() {}

  /**
   * Returns the result's shape.
   *
   * @throws ShapeException if operand count, shapes or types do not fit
   */
  public static Shape infer(HloOp op, List<Shape> operands) {
    return switch (op) {
      case HloOp.Parameter(int _, Shape shape) -> none(op, operands, shape);
      case HloOp.Constant constant -> none(op, operands, constant.literal().shape());
      case HloOp.Iota iota -> iota(iota, operands);
      case HloOp.Unary unary -> ElementwiseShapes.unary(unary, operands);
      case HloOp.Binary binary -> ElementwiseShapes.binary(binary, operands);
      case HloOp.IsFinite isFinite -> ElementwiseShapes.isFinite(isFinite, operands);
      case HloOp.Compare compare -> ElementwiseShapes.compare(compare, operands);
      case HloOp.Select select -> ElementwiseShapes.select(select, operands);
      case HloOp.Clamp clamp -> ElementwiseShapes.clamp(clamp, operands);
      case HloOp.Convert convert -> ElementwiseShapes.convert(convert, operands);
      case HloOp.BitcastConvert bitcast -> ElementwiseShapes.bitcast(bitcast, operands);
      case HloOp.Broadcast broadcast -> LayoutShapes.broadcast(broadcast, operands);
      case HloOp.Reshape reshape -> LayoutShapes.reshape(reshape, operands);
      case HloOp.Transpose transpose -> LayoutShapes.transpose(transpose, operands);
      case HloOp.Reverse reverse -> LayoutShapes.reverse(reverse, operands);
      case HloOp.Concatenate concatenate -> LayoutShapes.concatenate(concatenate, operands);
      case HloOp.Pad pad -> LayoutShapes.pad(pad, operands);
      case HloOp.Slice slice -> IndexShapes.slice(slice, operands);
      case HloOp.DynamicSlice slice -> IndexShapes.dynamicSlice(slice, operands);
      case HloOp.DynamicUpdateSlice update -> IndexShapes.dynamicUpdateSlice(update, operands);
      case HloOp.Gather gather -> IndexShapes.gather(gather, operands);
      case HloOp.Scatter scatter -> IndexShapes.scatter(scatter, operands);
      case HloOp.Reduce reduce -> ContractShapes.reduce(reduce, operands);
      case HloOp.Dot dot -> ContractShapes.dot(dot, operands);
      case HloOp.RaggedDot dot -> RaggedShapes.raggedDot(dot, operands);
      case HloOp.Tuple _ -> new TupleShape(operands);
      case HloOp.GetTupleElement(int index) -> element(op, index, operands);
      case HloOp.Call(HloComputation computation) -> ControlShapes.call(op, computation, operands);
      case HloOp.Complex complex -> ElementwiseShapes.complex(complex, operands);
      case HloOp.Real real -> ElementwiseShapes.part(real, operands);
      case HloOp.Imag imag -> ElementwiseShapes.part(imag, operands);
      case HloOp.ReducePrecision reduce -> ElementwiseShapes.reducePrecision(reduce, operands);
      case HloOp.StochasticConvert convert ->
          ElementwiseShapes.stochasticConvert(convert, operands);
      case HloOp.GetDimensionSize(int dimension) -> dimensionSize(op, dimension, operands);
      case WindowOp window -> WindowShapes.infer(window, operands);
      case OrderOp order -> OrderShapes.infer(order, operands);
      case LibraryOp library -> LibraryShapes.infer(library, operands);
      case ControlOp control -> ControlShapes.infer(control, operands);
      case CollectiveOp collective -> CollectiveShapes.infer(collective, operands);
    };
  }

  private static Shape none(HloOp op, List<Shape> operands, Shape shape) {
    count(op, operands, 0);
    return shape;
  }

  private static Shape iota(HloOp.Iota op, List<Shape> operands) {
    count(op, operands, 0);
    require(
        op.dimension() >= 0 && op.dimension() < op.shape().rank(),
        "iota of %s counts along dimension %s, which it does not have",
        op.shape(),
        op.dimension());
    require(
        op.shape().dtype() != DType.PRED, "iota counts in numbers, and %s has none", op.shape());
    return op.shape();
  }

  private static Shape dimensionSize(HloOp op, int dimension, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    require(
        dimension >= 0 && dimension < x.rank(),
        "get-dimension-size: %s has no dimension %s",
        x,
        dimension);
    return ArrayShape.scalar(DType.S32);
  }

  private static Shape element(HloOp op, int index, List<Shape> operands) {
    count(op, operands, 1);
    if (operands.getFirst() instanceof TupleShape(List<Shape> elements)
        && index >= 0
        && index < elements.size()) {
      return elements.get(index);
    }
    throw new ShapeException(
        "get-tuple-element takes element %d of %s, which has none"
            .formatted(index, operands.getFirst()));
  }

  // ---- for all families -------------------------------------------------------------------------

  static void count(HloOp op, List<Shape> operands, int expected) {
    if (operands.size() != expected) {
      throw new ShapeException(
          "%s takes %d operands, got %d".formatted(op.opcode(), expected, operands.size()));
    }
  }

  static ArrayShape array(HloOp op, List<Shape> operands, int index) {
    if (operands.get(index) instanceof ArrayShape shape) {
      return shape;
    }
    throw new ShapeException(
        "%s takes arrays, operand %d is %s".formatted(op.opcode(), index, operands.get(index)));
  }

  /** Checks that a dimension has room for a size and returns it. */
  static int dimension(HloOp op, long size) {
    require(
        size <= Integer.MAX_VALUE,
        "%s makes a dimension of size %s; this library's dimensions end at %s",
        op.opcode(),
        size,
        Integer.MAX_VALUE);
    return (int) size;
  }

  /** Checks that all operands of a floating-point type have the same one. */
  static void requireOneFloatType(HloOp op, List<Shape> operands) {
    ArrayShape first = null;
    for (int i = 0; i < operands.size(); i++) {
      ArrayShape x = array(op, operands, i);
      if (x.dtype().isFloating()) {
        first = first == null ? x : first;
        require(
            x.dtype() == first.dtype(),
            "%s takes floating-point numbers of one type, got %s and %s",
            op.opcode(),
            first,
            x);
      }
    }
  }

  static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new ShapeException(message.formatted(values));
    }
  }
}
