package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.List;

/** Reductions and the general matrix product. */
final class ContractEvaluation {
  private ContractEvaluation() {}

  /** Folds in row-major order from the initial values; sums in double, rounded once. */
  static List<ArrayValue> reduce(
      HloOp.Reduce op,
      Shape shape,
      List<ArrayValue> arrays,
      List<ArrayValue> initial,
      ScalarFunction reducer) {
    List<Shape> shapes =
        shape instanceof TupleShape(List<Shape> elements) ? elements : List.of(shape);
    Dims kept = shapes.getFirst().asArray().dims();
    List<ArrayValue> out = new ArrayList<>();
    for (int k = 0; k < arrays.size(); k++) {
      out.add(reducer.accumulator(shapes.get(k).asArray(), initial.get(k)));
    }
    int[] to = new int[kept.size()];
    Walk.over(
        arrays.getFirst().shape().dims(),
        (index, i) -> {
          int k = 0;
          for (int d = 0; d < index.length; d++) {
            if (!op.dimensions().contains(d)) {
              to[k++] = index[d];
            }
          }
          reducer.combine(out, Walk.position(kept, to), arrays, i);
        });
    for (int k = 0; k < out.size(); k++) {
      out.set(k, ElementwiseEvaluation.convert(arrays.get(k).dtype(), out.get(k)));
    }
    return out;
  }

  /** Sums in double, or in wrapping integers, and rounds once. */
  static ArrayValue dot(HloOp.Dot op, ArrayShape shape, ArrayValue left, ArrayValue right) {
    DotDimensionNumbers n = op.dimensionNumbers();
    ArrayValue x = ElementwiseEvaluation.convert(wider(op.resultType(), left.dtype()), left);
    ArrayValue y = ElementwiseEvaluation.convert(wider(op.resultType(), right.dtype()), right);
    Dims xDims = x.shape().dims();
    Dims yDims = y.shape().dims();
    int[] sizes = n.lhsContracting().stream().map(xDims::get).toArray();
    Dims summed = Dims.of(sizes);
    int[] xAt = new int[xDims.size()];
    int[] yAt = new int[yDims.size()];
    ArrayValue out = ArrayValue.zeros(shape);
    Walk.over(
        shape.dims(),
        (index, i) -> {
          place(index, n, xAt, yAt);
          double[] real = {0};
          long[] integer = {0};
          Walk.over(
              summed,
              (k, _) -> {
                for (int c = 0; c < k.length; c++) {
                  xAt[n.lhsContracting().get(c)] = k[c];
                  yAt[n.rhsContracting().get(c)] = k[c];
                }
                int xi = Walk.position(xDims, xAt);
                int yi = Walk.position(yDims, yAt);
                if (out.isFloating()) {
                  real[0] += x.real(xi) * y.real(yi);
                } else {
                  integer[0] += x.integer(xi) * y.integer(yi);
                }
              });
          store(out, i, real[0], integer[0]);
        });
    return out;
  }

  private static void store(ArrayValue out, int i, double real, long integer) {
    if (out.isFloating()) {
      out.set(i, real);
    } else if (out.dtype() == DType.PRED) {
      out.set(i, integer != 0);
    } else {
      out.set(i, integer);
    }
  }

  // Operands of narrower types are widened; wider ones (a bf16 result of f32) keep their precision.
  private static DType wider(DType result, DType operand) {
    return operand.isFloating() == result.isFloating() && operand.bitWidth() > result.bitWidth()
        ? operand
        : result;
  }

  /** Puts batch and free parts of a result index where they belong in the operands. */
  private static void place(int[] index, DotDimensionNumbers n, int[] xAt, int[] yAt) {
    int at = 0;
    for (; at < n.lhsBatch().size(); at++) {
      xAt[n.lhsBatch().get(at)] = index[at];
      yAt[n.rhsBatch().get(at)] = index[at];
    }
    for (int d = 0; d < xAt.length; d++) {
      if (!n.lhsBatch().contains(d) && !n.lhsContracting().contains(d)) {
        xAt[d] = index[at++];
      }
    }
    for (int d = 0; d < yAt.length; d++) {
      if (!n.rhsBatch().contains(d) && !n.rhsContracting().contains(d)) {
        yAt[d] = index[at++];
      }
    }
  }
}
