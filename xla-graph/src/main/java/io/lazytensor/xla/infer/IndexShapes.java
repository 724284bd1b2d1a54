package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.LayoutShapes.distinctWithin;
import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.List;

/** Shapes of operations that read or write parts of arrays. */
final class IndexShapes {
  private IndexShapes() {}

  static ArrayShape slice(HloOp.Slice op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    int rank = x.rank();
    require(
        op.start().size() == rank && op.limit().size() == rank && op.stride().size() == rank,
        "slice of %s takes start, limit and stride for each dimension, got {%s}, {%s}, {%s}",
        x,
        op.start(),
        op.limit(),
        op.stride());
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      int start = op.start().get(i);
      int limit = op.limit().get(i);
      int stride = op.stride().get(i);
      require(
          start >= 0 && start <= limit && limit <= x.dim(i) && stride >= 1,
          "slice of %s: dimension %s has no range %s to %s by %s",
          x,
          i,
          start,
          limit,
          stride);
      dims[i] = (int) (((long) limit - start + stride - 1) / stride);
    }
    return x.withDims(Dims.of(dims));
  }

  static ArrayShape dynamicSlice(HloOp.DynamicSlice op, List<Shape> operands) {
    require(!operands.isEmpty(), "dynamic-slice takes an array and a start for each dimension");
    ArrayShape x = array(op, operands, 0);
    starts(op, operands, 1, x);
    requireWindow(op, x, op.sizes());
    return x.withDims(op.sizes());
  }

  static ArrayShape dynamicUpdateSlice(HloOp.DynamicUpdateSlice op, List<Shape> operands) {
    require(operands.size() >= 2, "dynamic-update-slice takes an array, an update and starts");
    ArrayShape x = array(op, operands, 0);
    ArrayShape update = array(op, operands, 1);
    require(
        update.dtype() == x.dtype(),
        "dynamic-update-slice of %s takes an update of its type, got %s",
        x,
        update);
    starts(op, operands, 2, x);
    requireWindow(op, x, update.dims());
    return x;
  }

  private static void starts(HloOp op, List<Shape> operands, int from, ArrayShape x) {
    count(op, operands, from + x.rank());
    for (int i = from; i < operands.size(); i++) {
      ArrayShape start = array(op, operands, i);
      require(
          start.isScalar() && start.dtype().isInteger(),
          "%s takes integer scalars as starts, operand %s is %s",
          op.opcode(),
          i,
          start);
      require(
          start.equals(operands.get(from)),
          "%s takes starts of one type, got %s and %s",
          op.opcode(),
          operands.get(from),
          start);
    }
  }

  private static void requireWindow(HloOp op, ArrayShape x, Dims sizes) {
    boolean fits = sizes.size() == x.rank();
    for (int i = 0; fits && i < sizes.size(); i++) {
      fits = sizes.get(i) >= 0 && sizes.get(i) <= x.dim(i);
    }
    require(fits, "%s: a window [%s] does not fit %s", op.opcode(), sizes, x);
  }

  // ---- gather and scatter -----------------------------------------------------------------------

  static ArrayShape gather(HloOp.Gather op, List<Shape> operands) {
    count(op, operands, 2);
    ArrayShape x = array(op, operands, 0);
    ArrayShape indices = array(op, operands, 1);
    GatherDimensionNumbers n = op.dimensionNumbers();
    requireAscending(op, "offset dimensions", n.offsetDims());
    requireAscending(op, "collapsed slice dimensions", n.collapsedSliceDims());
    requireAscending(op, "operand batching dimensions", n.operandBatchingDims());
    Dims batch =
        batchOf(
            op,
            x,
            indices,
            n.indexVectorDim(),
            n.startIndexMap(),
            n.operandBatchingDims(),
            n.startIndicesBatchingDims());
    requireWindow(op, x, op.sliceSizes());
    List<Integer> window =
        window(op, x, n.collapsedSliceDims(), n.operandBatchingDims(), op.sliceSizes());
    int rank = batch.size() + window.size();
    require(
        n.offsetDims().size() == window.size() && distinctWithin(n.offsetDims(), rank),
        "gather of %s: offset dimensions {%s} do not name the %s window dimensions of the result",
        x,
        n.offsetDims(),
        window.size());
    ArrayShape result = x.withDims(interleave(rank, n.offsetDims(), window, batch));
    require(
        result.elementCount() == 0 || !op.sliceSizes().contains(0),
        "gather of %s: slices of sizes {%s} hold nothing that could make %s",
        x,
        op.sliceSizes(),
        result);
    return result;
  }

  private static void requireAscending(HloOp op, String what, Dims numbers) {
    for (int i = 1; i < numbers.size(); i++) {
      require(
          numbers.get(i - 1) < numbers.get(i),
          "%s: %s {%s} must ascend",
          op.opcode(),
          what,
          numbers);
    }
  }

  private static List<Integer> window(
      HloOp op, ArrayShape x, Dims dropped, Dims batching, Dims sizes) {
    require(
        distinctWithin(dropped, x.rank())
            && distinctWithin(batching, x.rank())
            && dropped.stream().noneMatch(batching::contains),
        "%s of %s: dropped dimensions {%s} and batching dimensions {%s} must be distinct",
        op.opcode(),
        x,
        dropped,
        batching);
    List<Integer> window = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (dropped.contains(i) || batching.contains(i)) {
        require(
            sizes.get(i) <= 1,
            "%s of %s: dropped dimension %s has window size %s",
            op.opcode(),
            x,
            i,
            sizes.get(i));
      } else {
        window.add(sizes.get(i));
      }
    }
    return window;
  }

  private static Dims interleave(int rank, Dims windowDims, List<Integer> window, Dims batch) {
    int[] dims = new int[rank];
    int w = 0;
    int b = 0;
    for (int i = 0; i < rank; i++) {
      dims[i] = windowDims.contains(i) ? window.get(w++) : batch.get(b++);
    }
    return Dims.of(dims);
  }

  /** Checks the indices and returns their dimensions without that of the index vector. */
  private static Dims batchOf(
      HloOp op,
      ArrayShape x,
      ArrayShape indices,
      int vectorDim,
      Dims map,
      Dims operandBatching,
      Dims indexBatching) {
    require(
        indices.dtype().isInteger() && vectorDim >= 0 && vectorDim <= indices.rank(),
        "%s of %s takes integer indices with an index vector in dimension %s, got %s",
        op.opcode(),
        x,
        vectorDim,
        indices);
    int length = vectorDim == indices.rank() ? 1 : indices.dim(vectorDim);
    require(
        map.size() == length && distinctWithin(map, x.rank()),
        "%s of %s: index vectors of length %s address dimensions {%s}",
        op.opcode(),
        x,
        length,
        map);
    boolean paired =
        operandBatching.size() == indexBatching.size()
            && distinctWithin(indexBatching, indices.rank())
            && !indexBatching.contains(vectorDim)
            && distinctWithin(operandBatching, x.rank())
            && operandBatching.stream().noneMatch(map::contains);
    for (int i = 0; paired && i < operandBatching.size(); i++) {
      paired = x.dim(operandBatching.get(i)) == indices.dim(indexBatching.get(i));
    }
    require(
        paired,
        "%s of %s by %s: batching dimensions {%s} and {%s} do not match",
        op.opcode(),
        x,
        indices,
        operandBatching,
        indexBatching);
    int[] batch = new int[indices.rank() - (vectorDim < indices.rank() ? 1 : 0)];
    int k = 0;
    for (int i = 0; i < indices.rank(); i++) {
      if (i != vectorDim) {
        batch[k++] = indices.dim(i);
      }
    }
    return Dims.of(batch);
  }

  static Shape scatter(HloOp.Scatter op, List<Shape> operands) {
    require(
        operands.size() >= 3 && operands.size() % 2 == 1,
        "scatter takes arrays, indices and as many updates, got %s operands",
        operands.size());
    int arrays = operands.size() / 2;
    ArrayShape indices = array(op, operands, arrays);
    List<Shape> results = new ArrayList<>();
    for (int i = 0; i < arrays; i++) {
      ArrayShape x = array(op, operands, i);
      ArrayShape update = array(op, operands, arrays + 1 + i);
      require(
          x.dims().equals(array(op, operands, 0).dims()) && update.dtype() == x.dtype(),
          "scatter into %s takes arrays of one size and updates of their types, got %s",
          x,
          update);
      requireUpdate(op, x, indices, update);
      results.add(x);
    }
    ShapeInference.requireOneFloatType(op, operands);
    ContractShapes.requireReducer(op, op.combiner(), results);
    return arrays == 1 ? results.getFirst() : new TupleShape(results);
  }

  private static void requireUpdate(
      HloOp.Scatter op, ArrayShape x, ArrayShape indices, ArrayShape update) {
    ScatterDimensionNumbers n = op.dimensionNumbers();
    requireAscending(op, "update window dimensions", n.updateWindowDims());
    requireAscending(op, "inserted window dimensions", n.insertedWindowDims());
    requireAscending(op, "input batching dimensions", n.inputBatchingDims());
    Dims batch =
        batchOf(
            op,
            x,
            indices,
            n.indexVectorDim(),
            n.scatterDimsToOperandDims(),
            n.inputBatchingDims(),
            n.scatterIndicesBatchingDims());
    Dims windowDims = n.updateWindowDims();
    List<Integer> sizes = new ArrayList<>();
    int k = 0;
    boolean fits =
        distinctWithin(windowDims, update.rank())
            && distinctWithin(n.insertedWindowDims(), x.rank())
            && n.insertedWindowDims().stream().noneMatch(n.inputBatchingDims()::contains)
            && windowDims.size()
                == x.rank() - n.insertedWindowDims().size() - n.inputBatchingDims().size()
            && update.rank() == batch.size() + windowDims.size();
    for (int i = 0; fits && i < x.rank(); i++) {
      if (!n.insertedWindowDims().contains(i) && !n.inputBatchingDims().contains(i)) {
        int size = update.dim(windowDims.get(k++));
        fits = size <= x.dim(i);
        sizes.add(size);
      }
    }
    fits = fits && update.dims().equals(interleave(update.rank(), windowDims, sizes, batch));
    require(fits, "scatter into %s by indices %s: updates %s do not fit", x, indices, update);
  }
}
