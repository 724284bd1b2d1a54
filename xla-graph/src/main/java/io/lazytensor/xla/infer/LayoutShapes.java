package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.dimension;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import java.util.List;

/** Shapes of operations that move elements without looking at them. */
final class LayoutShapes {
  private LayoutShapes() {}

  static ArrayShape broadcast(HloOp.Broadcast op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    Dims to = op.resultDims();
    Dims map = op.dimensions();
    boolean fits = map.size() == x.rank() && distinctWithin(map, to.size());
    for (int i = 0; fits && i < map.size(); i++) {
      int d = map.get(i);
      fits = d >= 0 && d < to.size() && to.get(d) == x.dim(i);
    }
    require(fits, "broadcast of %s to [%s] with dimensions {%s} does not match sizes", x, to, map);
    return x.withDims(to);
  }

  static ArrayShape reshape(HloOp.Reshape op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    ArrayShape result = x.withDims(op.resultDims());
    require(
        result.elementCount() == x.elementCount(),
        "reshape of %s to [%s]: %s elements cannot become %s",
        x,
        op.resultDims(),
        x.elementCount(),
        result.elementCount());
    return result;
  }

  static ArrayShape transpose(HloOp.Transpose op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    Dims permutation = op.permutation();
    require(
        permutation.size() == x.rank() && distinctWithin(permutation, x.rank()),
        "transpose of %s by {%s}: that is no permutation of its dimensions",
        x,
        permutation);
    int[] dims = new int[x.rank()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = x.dim(permutation.get(i));
    }
    return x.withDims(Dims.of(dims));
  }

  /** Returns whether dimension numbers exist and occur once. */
  static boolean distinctWithin(Dims numbers, int rank) {
    long seen = 0;
    for (int i = 0; i < numbers.size(); i++) {
      int d = numbers.get(i);
      if (d < 0 || d >= rank || d > 62 || (seen & (1L << d)) != 0) {
        return false;
      }
      seen |= 1L << d;
    }
    return true;
  }

  static ArrayShape reverse(HloOp.Reverse op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    require(
        distinctWithin(op.dimensions(), x.rank()),
        "reverse of %s along {%s}: no such dimensions",
        x,
        op.dimensions());
    return x;
  }

  static ArrayShape concatenate(HloOp.Concatenate op, List<Shape> operands) {
    require(!operands.isEmpty(), "concatenate takes at least one operand");
    ArrayShape first = array(op, operands, 0);
    int d = op.dimension();
    require(d >= 0 && d < first.rank(), "concatenate of %s has no dimension %s", first, d);
    long total = 0;
    for (int i = 0; i < operands.size(); i++) {
      ArrayShape x = array(op, operands, i);
      boolean fits = x.dtype() == first.dtype() && x.rank() == first.rank();
      for (int k = 0; fits && k < x.rank(); k++) {
        fits = k == d || x.dim(k) == first.dim(k);
      }
      require(
          fits,
          "concatenate along dimension %s: operand %s is %s and does not fit %s",
          d,
          i,
          x,
          first);
      total += x.dim(d);
    }
    int[] dims = first.dims().toArray();
    dims[d] = dimension(op, total);
    return first.withDims(Dims.of(dims));
  }

  static ArrayShape pad(HloOp.Pad op, List<Shape> operands) {
    count(op, operands, 2);
    ArrayShape x = array(op, operands, 0);
    ArrayShape value = array(op, operands, 1);
    require(
        value.isScalar() && value.dtype() == x.dtype(),
        "pad of %s takes a scalar of its type, got %s",
        x,
        value);
    PaddingConfig padding = op.padding();
    require(
        padding.low().size() == x.rank()
            && padding.high().size() == x.rank()
            && padding.interior().size() == x.rank(),
        "pad of %s takes padding for each dimension, got %s",
        x,
        padding);
    int[] dims = new int[x.rank()];
    for (int i = 0; i < dims.length; i++) {
      int between = padding.interior().get(i);
      long size =
          (long) x.dim(i)
              + (long) Math.max(0, x.dim(i) - 1) * between
              + padding.low().get(i)
              + padding.high().get(i);
      if (between < 0 || size < 0) {
        throw new ShapeException(
            "pad of %s by %s leaves dimension %d with size %d".formatted(x, padding, i, size));
      }
      dims[i] = dimension(op, size);
    }
    return x.withDims(Dims.of(dims));
  }
}
