package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import java.util.List;

/** Operations that move elements. */
final class LayoutEvaluation {
  private LayoutEvaluation() {}

  static ArrayValue iota(HloOp.Iota op) {
    ArrayValue out = ArrayValue.zeros(op.shape());
    Walk.over(
        op.shape().dims(),
        (index, i) -> {
          int value = index[op.dimension()];
          if (out.isFloating() || out.isComplex()) {
            out.set(i, (double) value);
          } else {
            out.set(i, (long) value);
          }
        });
    return out;
  }

  static ArrayValue dimensionSize(ArrayValue x, int dimension) {
    ArrayValue out = ArrayValue.zeros(ArrayShape.scalar(DType.S32));
    out.set(0, (long) x.shape().dim(dimension));
    return out;
  }

  static ArrayValue broadcast(HloOp.Broadcast op, ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDims(op.resultDims()));
    int[] from = new int[op.dimensions().size()];
    Walk.over(
        op.resultDims(),
        (index, i) -> {
          for (int d = 0; d < from.length; d++) {
            from[d] = index[op.dimensions().get(d)];
          }
          out.copy(i, x, Walk.position(x.shape().dims(), from));
        });
    return out;
  }

  static ArrayValue transpose(HloOp.Transpose op, ArrayShape shape, ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(shape);
    int[] from = new int[shape.rank()];
    Walk.over(
        shape.dims(),
        (index, i) -> {
          for (int d = 0; d < from.length; d++) {
            from[op.permutation().get(d)] = index[d];
          }
          out.copy(i, x, Walk.position(x.shape().dims(), from));
        });
    return out;
  }

  static ArrayValue reverse(HloOp.Reverse op, ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape());
    Dims dims = x.shape().dims();
    int[] from = new int[dims.size()];
    Walk.over(
        dims,
        (index, i) -> {
          for (int d = 0; d < from.length; d++) {
            from[d] = op.dimensions().contains(d) ? dims.get(d) - 1 - index[d] : index[d];
          }
          out.copy(i, x, Walk.position(dims, from));
        });
    return out;
  }

  static ArrayValue slice(HloOp.Slice op, ArrayShape shape, ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(shape);
    int[] from = new int[shape.rank()];
    Walk.over(
        shape.dims(),
        (index, i) -> {
          for (int d = 0; d < from.length; d++) {
            from[d] = op.start().get(d) + index[d] * op.stride().get(d);
          }
          out.copy(i, x, Walk.position(x.shape().dims(), from));
        });
    return out;
  }

  static ArrayValue concatenate(HloOp.Concatenate op, ArrayShape shape, List<ArrayValue> operands) {
    ArrayValue out = ArrayValue.zeros(shape);
    int start = 0;
    for (ArrayValue x : operands) {
      int offset = start;
      int[] to = new int[shape.rank()];
      Walk.over(
          x.shape().dims(),
          (index, i) -> {
            System.arraycopy(index, 0, to, 0, to.length);
            to[op.dimension()] += offset;
            out.copy(Walk.position(shape.dims(), to), x, i);
          });
      start += x.shape().dim(op.dimension());
    }
    return out;
  }

  static ArrayValue pad(HloOp.Pad op, ArrayShape shape, ArrayValue x, ArrayValue value) {
    ArrayValue out = ArrayValue.zeros(shape);
    for (int i = 0; i < out.count(); i++) {
      out.copy(i, value, 0);
    }
    PaddingConfig padding = op.padding();
    int[] to = new int[shape.rank()];
    Walk.over(
        x.shape().dims(),
        (index, i) -> {
          boolean inside = true;
          for (int d = 0; d < to.length; d++) {
            to[d] = padding.low().get(d) + index[d] * (padding.interior().get(d) + 1);
            inside &= to[d] >= 0 && to[d] < shape.dim(d);
          }
          if (inside) {
            out.copy(Walk.position(shape.dims(), to), x, i);
          }
        });
    return out;
  }
}
