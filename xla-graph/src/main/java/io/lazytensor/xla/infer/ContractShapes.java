package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.LayoutShapes.distinctWithin;
import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.List;

/** Shapes of reductions and of the general matrix product. */
final class ContractShapes {
  private ContractShapes() {}

  static Shape reduce(HloOp.Reduce op, List<Shape> operands) {
    List<Shape> arrays = arraysWithInitialValues(op, operands);
    ArrayShape first = arrays.getFirst().asArray();
    require(
        distinctWithin(op.dimensions(), first.rank()),
        "reduce of %s along {%s}: no such dimensions",
        first,
        op.dimensions());
    int[] kept = new int[first.rank() - op.dimensions().size()];
    int k = 0;
    for (int i = 0; i < first.rank(); i++) {
      if (!op.dimensions().contains(i)) {
        kept[k++] = first.dim(i);
      }
    }
    Dims dims = Dims.of(kept);
    List<Shape> results = new ArrayList<>();
    for (Shape x : arrays) {
      results.add(x.asArray().withDims(dims));
    }
    requireReducer(op, op.reducer(), results);
    return results.size() == 1 ? results.getFirst() : new TupleShape(results);
  }

  /** Checks operands (array…, scalar initial value…) and returns the arrays, all of one size. */
  static List<Shape> arraysWithInitialValues(HloOp op, List<Shape> operands) {
    require(
        operands.size() >= 2 && operands.size() % 2 == 0,
        "%s takes arrays and as many initial values, got %s operands",
        op.opcode(),
        operands.size());
    int arrays = operands.size() / 2;
    ArrayShape first = array(op, operands, 0);
    for (int i = 0; i < arrays; i++) {
      ArrayShape x = array(op, operands, i);
      ArrayShape initial = array(op, operands, arrays + i);
      require(
          x.dims().equals(first.dims()) && initial.isScalar() && initial.dtype() == x.dtype(),
          "%s of %s takes a scalar of its type and arrays of one size, got %s with %s",
          op.opcode(),
          first,
          x,
          initial);
    }
    ShapeInference.requireOneFloatType(op, operands);
    return operands.subList(0, arrays);
  }

  /** Checks that a computation maps two rows of scalars of the given types to one. */
  static void requireReducer(HloOp op, HloComputation computation, List<Shape> results) {
    int n = results.size();
    boolean fits = computation.parameters().size() == 2 * n;
    List<Shape> scalars = new ArrayList<>();
    for (int i = 0; fits && i < n; i++) {
      DType type = results.get(i).asArray().dtype();
      ArrayShape scalar = ArrayShape.scalar(type);
      scalars.add(scalar);
      fits =
          computation.parameters().get(i).shape().equals(scalar)
              && computation.parameters().get(n + i).shape().equals(scalar);
    }
    Shape expected = fits && n == 1 ? scalars.getFirst() : new TupleShape(scalars);
    require(
        fits && computation.root().shape().equals(expected),
        "%s to %s: computation %s does not map pairs of scalars of these types to one",
        op.opcode(),
        results,
        computation.name());
  }

  static ArrayShape dot(HloOp.Dot op, List<Shape> operands) {
    count(op, operands, 2);
    ArrayShape x = array(op, operands, 0);
    ArrayShape y = array(op, operands, 1);
    requireProductType(op, x, y, op.resultType());
    DotDimensionNumbers n = op.dimensionNumbers();
    requirePaired(op, n, x, y);
    int batch = n.lhsBatch().size();
    int contracted = n.lhsContracting().size();
    int[] dims = new int[x.rank() + y.rank() - batch - 2 * contracted];
    int k = 0;
    for (; k < batch; k++) {
      dims[k] = x.dim(n.lhsBatch().get(k));
    }
    k = free(x, n.lhsContracting(), n.lhsBatch(), dims, k);
    free(y, n.rhsContracting(), n.rhsBatch(), dims, k);
    return new ArrayShape(op.resultType(), Dims.of(dims));
  }

  /** Checks that summed and batch dimensions exist and are as long on the left as on the right. */
  static void requirePaired(HloOp op, DotDimensionNumbers n, ArrayShape x, ArrayShape y) {
    require(
        paired(x, y, n.lhsContracting(), n.rhsContracting())
            && paired(x, y, n.lhsBatch(), n.rhsBatch())
            && n.lhsContracting().stream().noneMatch(n.lhsBatch()::contains)
            && n.rhsContracting().stream().noneMatch(n.rhsBatch()::contains),
        "%s of %s and %s: contracting {%s}, {%s} and batch {%s}, {%s} dimensions do not match",
        op.opcode(),
        x,
        y,
        n.lhsContracting(),
        n.rhsContracting(),
        n.lhsBatch(),
        n.rhsBatch());
  }

  /** Checks that a sum of products of these types has a meaning in the result's type. */
  static void requireProductType(HloOp op, ArrayShape x, ArrayShape y, DType result) {
    DType left = x.dtype();
    DType right = y.dtype();
    boolean complex = left.isComplex();
    boolean widens = result.isComplex() || result.isFloating();
    require(
        right.isComplex() == complex
            && result.isComplex() == complex
            && (widens || (!left.isFloating() && !right.isFloating()))
            && (result != DType.PRED || (left == DType.PRED && right == DType.PRED)),
        "%s of %s and %s cannot give %s",
        op.opcode(),
        x,
        y,
        result);
  }

  private static int free(ArrayShape x, Dims contracting, Dims batch, int[] dims, int from) {
    int k = from;
    for (int i = 0; i < x.rank(); i++) {
      if (!contracting.contains(i) && !batch.contains(i)) {
        dims[k++] = x.dim(i);
      }
    }
    return k;
  }

  private static boolean paired(ArrayShape x, ArrayShape y, Dims left, Dims right) {
    if (left.size() != right.size()
        || !distinctWithin(left, x.rank())
        || !distinctWithin(right, y.rank())) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (x.dim(left.get(i)) != y.dim(right.get(i))) {
        return false;
      }
    }
    return true;
  }
}
