package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
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
      case HloOp.Tuple _ -> new TupleShape(operands);
      case HloOp.GetTupleElement(int index) -> element(op, index, operands);
      case HloOp.Call(HloComputation computation) -> call(op, computation, operands);
      case HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.StochasticConvert _,
          HloOp.GetDimensionSize _,
          WindowOp _,
          OrderOp _,
          LibraryOp _,
          ControlOp _,
          CollectiveOp _ ->
          throw new UnsupportedException(op.opcode() + " has no shape rule yet");
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
    return op.shape();
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

  private static Shape call(HloOp op, HloComputation computation, List<Shape> operands) {
    count(op, operands, computation.parameters().size());
    for (int i = 0; i < operands.size(); i++) {
      Shape expected = computation.parameters().get(i).shape();
      require(
          expected.equals(operands.get(i)),
          "call of %s: argument %s is %s, its parameter %s",
          computation.name(),
          i,
          operands.get(i),
          expected);
    }
    return computation.root().shape();
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

  static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new ShapeException(message.formatted(values));
    }
  }
}
