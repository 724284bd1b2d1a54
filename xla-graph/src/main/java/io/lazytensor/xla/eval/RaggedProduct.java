package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.ContractEvaluation.others;
import static io.lazytensor.xla.eval.ContractEvaluation.positions;
import static io.lazytensor.xla.eval.ContractEvaluation.product;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import java.util.Arrays;
import java.util.stream.IntStream;

/** A matrix product over groups: each element of the result from the group it belongs to. */
final class RaggedProduct {
  private final RaggedDotDimensionNumbers numbers;
  private final int ragged;
  private final ArrayValue x;
  private final ArrayValue y;
  private final ArrayValue sizes;
  private final ArrayValue out;
  private final int[] xBatch;
  private final int[] yBatch;
  private final int[] xFree;
  private final int[] yFree;
  private final int[] xSummed;
  private final int[] ySummed;

  private RaggedProduct(
      RaggedDotDimensionNumbers numbers,
      ArrayShape shape,
      ArrayValue left,
      ArrayValue right,
      ArrayValue sizes) {
    this.numbers = numbers;
    this.ragged = numbers.lhsRagged().get(0);
    this.x = ContractEvaluation.operand(shape.dtype(), left);
    this.y = ContractEvaluation.operand(shape.dtype(), right);
    this.sizes = sizes;
    this.out = ArrayValue.zeros(shape);
    DotDimensionNumbers n = numbers.dot();
    Dims xDims = x.shape().dims();
    Dims yDims = y.shape().dims();
    xBatch = positions(xDims, n.lhsBatch().toArray());
    yBatch = positions(yDims, n.rhsBatch().toArray());
    xFree = positions(xDims, others(xDims, n.lhsBatch(), n.lhsContracting()));
    int[] columns = others(yDims, n.rhsBatch(), n.rhsContracting());
    yFree =
        positions(
            yDims, Arrays.stream(columns).filter(d -> !numbers.rhsGroup().contains(d)).toArray());
    xSummed = positions(xDims, n.lhsContracting().toArray());
    ySummed = positions(yDims, n.rhsContracting().toArray());
  }

  static ArrayValue evaluate(
      RaggedDotDimensionNumbers numbers,
      ArrayShape shape,
      ArrayValue left,
      ArrayValue right,
      ArrayValue sizes) {
    return switch (numbers.mode()) {
      case BATCH -> ContractEvaluation.dot(numbers.dot(), shape, left, right);
      case FREE -> new RaggedProduct(numbers, shape, left, right, sizes).rows();
      case CONTRACTING -> new RaggedProduct(numbers, shape, left, right, sizes).sums();
    };
  }

  /** Multiplies each row by its group's matrix. */
  private ArrayValue rows() {
    DotDimensionNumbers n = numbers.dot();
    int[] dims = others(x.shape().dims(), n.lhsBatch(), n.lhsContracting());
    int[] group = positions(y.shape().dims(), numbers.rhsGroup().toArray());
    int[] owners = owners(dims, xBatch.length, xFree.length);
    int i = 0;
    for (int b = 0; b < xBatch.length; b++) {
      for (int row = 0; row < xFree.length; row++) {
        int owner = owners[b * xFree.length + row];
        for (int column : yFree) {
          if (owner >= 0) {
            int from = yBatch[b] + group[owner] + column;
            product(x, xBatch[b] + xFree[row], xSummed, y, from, ySummed, out, i);
          }
          i++;
        }
      }
    }
    return out;
  }

  /** Sums each group on its own. */
  private ArrayValue sums() {
    int summed = xSummed.length;
    int[] owners = owners(numbers.dot().lhsContracting().toArray(), xBatch.length, summed);
    int groups = sizes.shape().dim(sizes.shape().rank() - 1);
    int i = 0;
    for (int g = 0; g < groups; g++) {
      for (int b = 0; b < xBatch.length; b++) {
        int group = g;
        int at = b * summed;
        int[] own = IntStream.range(0, summed).filter(k -> owners[at + k] == group).toArray();
        int[] xOwn = Arrays.stream(own).map(k -> xSummed[k]).toArray();
        int[] yOwn = Arrays.stream(own).map(k -> ySummed[k]).toArray();
        for (int row : xFree) {
          for (int column : yFree) {
            product(x, xBatch[b] + row, xOwn, y, yBatch[b] + column, yOwn, out, i++);
          }
        }
      }
    }
    return out;
  }

  /**
   * Returns the group of each index along some dimensions, one of them ragged, for each batch; -1
   * for none.
   */
  private int[] owners(int[] dims, int batch, int indices) {
    int[] out = new int[Math.multiplyExact(batch, indices)];
    Arrays.fill(out, -1);
    int extent = x.shape().dim(ragged);
    long inner = 1;
    for (int d = dims.length - 1; dims[d] != ragged; d--) {
      inner *= x.shape().dim(dims[d]);
    }
    int groups = sizes.shape().dim(sizes.shape().rank() - 1);
    boolean shared = sizes.shape().rank() == 1;
    int outer = out.length == 0 ? 0 : (int) (out.length / (extent * inner));
    for (int i = 0; i < outer; i++) {
      int end = 0;
      for (int g = 0; g < groups; g++) {
        int start = end;
        end += size(shared ? g : i * groups + g, extent - start);
        int from = i * extent;
        Arrays.fill(out, (int) ((from + start) * inner), (int) ((from + end) * inner), g);
      }
    }
    return out;
  }

  private int size(int index, int atMost) {
    long size = sizes.integer(index);
    return sizes.dtype() == DType.U64 && size < 0
        ? atMost
        : (int) Math.max(0, Math.min(size, atMost));
  }
}
