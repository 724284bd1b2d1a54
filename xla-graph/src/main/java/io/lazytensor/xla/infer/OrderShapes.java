package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.List;

/** Shapes of operations that order elements. */
final class OrderShapes {
  private OrderShapes() {}

  static Shape infer(OrderOp op, List<Shape> operands) {
    return switch (op) {
      case OrderOp.Sort sort -> sort(sort, operands);
      case OrderOp.TopK topK -> topK(topK, operands);
    };
  }

  private static Shape sort(OrderOp.Sort op, List<Shape> operands) {
    require(!operands.isEmpty(), "sort takes at least one operand");
    ArrayShape first = array(op, operands, 0);
    require(
        op.dimension() >= 0 && op.dimension() < first.rank(),
        "sort of %s along dimension %s, which it does not have",
        first,
        op.dimension());
    List<Shape> scalars = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      ArrayShape x = array(op, operands, i);
      require(
          x.dims().equals(first.dims()), "sort takes arrays of one size, got %s and %s", first, x);
      ArrayShape scalar = ArrayShape.scalar(x.dtype());
      scalars.add(scalar);
      scalars.add(scalar);
    }
    require(
        maps(op.comparator(), scalars, ArrayShape.scalar(DType.PRED)),
        "sort of %s: computation %s does not map %s to pred[]",
        operands,
        op.comparator().name(),
        scalars);
    return operands.size() == 1 ? first : new TupleShape(operands);
  }

  /** Returns whether a computation takes exactly these parameters and gives this result. */
  static boolean maps(HloComputation computation, List<Shape> parameters, Shape result) {
    boolean fits =
        computation.parameters().size() == parameters.size()
            && computation.root().shape().equals(result);
    for (int i = 0; fits && i < parameters.size(); i++) {
      fits = computation.parameters().get(i).shape().equals(parameters.get(i));
    }
    return fits;
  }

  private static Shape topK(OrderOp.TopK op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    require(
        x.rank() >= 1 && op.k() >= 0 && op.k() <= x.dim(x.rank() - 1),
        "topk of %s: the last dimension does not have %s elements",
        x,
        op.k());
    require(!x.dtype().isComplex(), "topk takes numbers that have an order, got %s", x);
    int[] dims = x.dims().toArray();
    dims[dims.length - 1] = op.k();
    ArrayShape values = x.withDims(Dims.of(dims));
    return new TupleShape(List.of(values, values.withDType(DType.S32)));
  }
}
