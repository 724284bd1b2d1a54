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
import java.util.stream.IntStream;

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
    List<ArrayValue> out = new ArrayList<>();
    for (int k = 0; k < arrays.size(); k++) {
      out.add(reducer.accumulator(shapes.get(k).asArray(), initial.get(k)));
    }
    Dims dims = arrays.getFirst().shape().dims();
    int[] steps = stepsOfResult(dims, op.dimensions());
    Walk.over(
        dims,
        (index, i) -> {
          int to = 0;
          for (int d = 0; d < steps.length; d++) {
            to += index[d] * steps[d];
          }
          reducer.combine(out, to, arrays, i);
        });
    for (int k = 0; k < out.size(); k++) {
      out.set(k, ElementwiseEvaluation.convert(arrays.get(k).dtype(), out.get(k)));
    }
    return out;
  }

  /** How far the result's position moves with each dimension of the operand; 0 for reduced ones. */
  private static int[] stepsOfResult(Dims dims, Dims reduced) {
    int[] steps = new int[dims.size()];
    int step = 1;
    for (int d = dims.size() - 1; d >= 0; d--) {
      if (!reduced.contains(d)) {
        steps[d] = step;
        step *= dims.get(d);
      }
    }
    return steps;
  }

  /** Sums in double, or in wrapping integers, and rounds once. */
  static ArrayValue dot(
      DotDimensionNumbers n, ArrayShape shape, ArrayValue left, ArrayValue right) {
    ArrayValue x = operand(shape.dtype(), left);
    ArrayValue y = operand(shape.dtype(), right);
    Dims xDims = x.shape().dims();
    Dims yDims = y.shape().dims();
    int[] xBatch = positions(xDims, n.lhsBatch().toArray());
    int[] yBatch = positions(yDims, n.rhsBatch().toArray());
    int[] xFree = positions(xDims, others(xDims, n.lhsBatch(), n.lhsContracting()));
    int[] yFree = positions(yDims, others(yDims, n.rhsBatch(), n.rhsContracting()));
    int[] xSummed = positions(xDims, n.lhsContracting().toArray());
    int[] ySummed = positions(yDims, n.rhsContracting().toArray());
    ArrayValue out = ArrayValue.zeros(shape);
    int i = 0;
    for (int b = 0; b < xBatch.length; b++) {
      for (int row : xFree) {
        for (int column : yFree) {
          product(x, xBatch[b] + row, xSummed, y, yBatch[b] + column, ySummed, out, i++);
        }
      }
    }
    return out;
  }

  // Doubles hold the floating-point types, and integers wrap, so only a mixture is converted.
  static ArrayValue operand(DType result, ArrayValue x) {
    boolean numbers = x.isFloating() || x.isComplex();
    return result.realType().isFloating() && !numbers
        ? ElementwiseEvaluation.convert(result, x)
        : x;
  }

  /** Puts the sum of products of elements at some distances from two places into the result. */
  static void product(
      ArrayValue x,
      int xAt,
      int[] xSteps,
      ArrayValue y,
      int yAt,
      int[] ySteps,
      ArrayValue out,
      int i) {
    if (out.isComplex()) {
      complexProduct(x, xAt, xSteps, y, yAt, ySteps, out, i);
    } else if (out.isFloating()) {
      double sum = 0;
      for (int k = 0; k < xSteps.length; k++) {
        sum += x.real(xAt + xSteps[k]) * y.real(yAt + ySteps[k]);
      }
      out.set(i, sum);
    } else {
      long sum = 0;
      for (int k = 0; k < xSteps.length; k++) {
        sum += x.integer(xAt + xSteps[k]) * y.integer(yAt + ySteps[k]);
      }
      // A truth value must not wrap.
      out.set(i, out.dtype() == DType.PRED && sum != 0 ? 1 : sum);
    }
  }

  private static void complexProduct(
      ArrayValue x,
      int xAt,
      int[] xSteps,
      ArrayValue y,
      int yAt,
      int[] ySteps,
      ArrayValue out,
      int i) {
    ComplexNumber sum = ComplexNumber.ZERO;
    for (int k = 0; k < xSteps.length; k++) {
      sum = sum.plus(x.complex(xAt + xSteps[k]).times(y.complex(yAt + ySteps[k])));
    }
    out.set(i, sum);
  }

  /** Returns the free dimensions of an operand. */
  static int[] others(Dims dims, Dims batch, Dims contracting) {
    return IntStream.range(0, dims.size())
        .filter(d -> !batch.contains(d) && !contracting.contains(d))
        .toArray();
  }

  /** Returns the positions of all indices along some dimensions, the last of them fastest. */
  static int[] positions(Dims dims, int[] along) {
    int[] out = {0};
    for (int dimension : along) {
      int step = 1;
      for (int d = dimension + 1; d < dims.size(); d++) {
        step *= dims.get(d);
      }
      int[] longer = new int[Math.multiplyExact(out.length, dims.get(dimension))];
      for (int i = 0; i < longer.length; i++) {
        longer[i] = out[i / dims.get(dimension)] + i % dims.get(dimension) * step;
      }
      out = longer;
    }
    return out;
  }
}
