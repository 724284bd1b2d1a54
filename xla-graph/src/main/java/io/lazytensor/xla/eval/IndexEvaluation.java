package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import java.util.ArrayList;
import java.util.List;

/** Operations that read or write parts of arrays at computed places. */
final class IndexEvaluation {
  private IndexEvaluation() {}

  /** Returns starts moved so that a window fits. */
  private static int[] starts(List<ArrayValue> starts, Dims dims, Dims window) {
    int[] out = new int[dims.size()];
    for (int d = 0; d < out.length; d++) {
      ArrayValue start = starts.get(d);
      out[d] = clamped(start.dtype(), start.integer(0), dims.get(d) - window.get(d));
    }
    return out;
  }

  private static int clamped(DType type, long start, int last) {
    boolean hugeUnsigned = type == DType.U64 && start < 0;
    return hugeUnsigned ? last : (int) Math.max(0, Math.min(start, last));
  }

  static ArrayValue dynamicSlice(ArrayShape shape, ArrayValue x, List<ArrayValue> starts) {
    int[] start = starts(starts, x.shape().dims(), shape.dims());
    ArrayValue out = ArrayValue.zeros(shape);
    int[] from = new int[start.length];
    Walk.over(
        shape.dims(),
        (index, i) -> {
          for (int d = 0; d < from.length; d++) {
            from[d] = start[d] + index[d];
          }
          out.copy(i, x, Walk.position(x.shape().dims(), from));
        });
    return out;
  }

  static ArrayValue dynamicUpdateSlice(ArrayValue x, ArrayValue update, List<ArrayValue> starts) {
    int[] start = starts(starts, x.shape().dims(), update.shape().dims());
    ArrayValue out = x.copy();
    int[] to = new int[start.length];
    Walk.over(
        update.shape().dims(),
        (index, i) -> {
          for (int d = 0; d < to.length; d++) {
            to[d] = start[d] + index[d];
          }
          out.copy(Walk.position(x.shape().dims(), to), update, i);
        });
    return out;
  }

  static ArrayValue gather(HloOp.Gather op, ArrayShape shape, ArrayValue x, ArrayValue indices) {
    GatherDimensionNumbers n = op.dimensionNumbers();
    Dims dims = x.shape().dims();
    IndexVectors vectors =
        new IndexVectors(
            indices,
            n.indexVectorDim(),
            n.startIndexMap(),
            n.operandBatchingDims(),
            n.startIndicesBatchingDims(),
            dims.size());
    ArrayValue out = ArrayValue.zeros(shape);
    Dims offsets = n.offsetDims();
    Walk.over(
        shape.dims(),
        (index, i) -> {
          long[] start = vectors.start(without(index, offsets));
          int[] from = new int[dims.size()];
          int w = 0;
          for (int d = 0; d < from.length; d++) {
            int last = dims.get(d) - op.sliceSizes().get(d);
            from[d] = clamped(indices.dtype(), start[d], last);
            if (!n.collapsedSliceDims().contains(d) && !n.operandBatchingDims().contains(d)) {
              from[d] += index[offsets.get(w++)];
            } else if (n.operandBatchingDims().contains(d)) {
              from[d] = (int) start[d];
            }
          }
          out.copy(i, x, Walk.position(dims, from));
        });
    return out;
  }

  /** Returns the parts of an index outside of some dimensions. */
  private static int[] without(int[] index, Dims dropped) {
    int[] out = new int[index.length - dropped.size()];
    int k = 0;
    for (int d = 0; d < index.length; d++) {
      if (!dropped.contains(d)) {
        out[k++] = index[d];
      }
    }
    return out;
  }

  /** Reads where windows start. */
  private record IndexVectors(
      ArrayValue indices,
      int vectorDim,
      Dims map,
      Dims operandBatching,
      Dims indexBatching,
      int rank) {
    /** Returns the start in each operand dimension for a place in the batch. */
    long[] start(int[] batch) {
      Dims dims = indices.shape().dims();
      int[] at = new int[dims.size()];
      for (int d = 0, k = 0; d < at.length; d++) {
        at[d] = d == vectorDim ? 0 : batch[k++];
      }
      long[] start = new long[rank];
      for (int component = 0; component < map.size(); component++) {
        if (vectorDim < at.length) {
          at[vectorDim] = component;
        }
        start[map.get(component)] = indices.integer(Walk.position(dims, at));
      }
      for (int k = 0; k < operandBatching.size(); k++) {
        start[operandBatching.get(k)] = at[indexBatching.get(k)];
      }
      return start;
    }
  }

  /**
   * Combines updates in row-major order. An update whose window does not fit as a whole is skipped,
   * as XLA does.
   */
  static List<ArrayValue> scatter(
      HloOp.Scatter op,
      List<ArrayValue> operands,
      ArrayValue indices,
      List<ArrayValue> updates,
      ScalarFunction combiner) {
    ScatterDimensionNumbers n = op.dimensionNumbers();
    Dims dims = operands.getFirst().shape().dims();
    IndexVectors vectors =
        new IndexVectors(
            indices,
            n.indexVectorDim(),
            n.scatterDimsToOperandDims(),
            n.inputBatchingDims(),
            n.scatterIndicesBatchingDims(),
            dims.size());
    List<ArrayValue> out = new ArrayList<>();
    operands.forEach(x -> out.add(x.copy()));
    Dims updateDims = updates.getFirst().shape().dims();
    Walk.over(
        updateDims,
        (index, i) -> {
          long[] start = vectors.start(without(index, n.updateWindowDims()));
          int[] to = new int[dims.size()];
          boolean fits = true;
          int w = 0;
          for (int d = 0; d < to.length; d++) {
            boolean dropped =
                n.insertedWindowDims().contains(d) || n.inputBatchingDims().contains(d);
            int windowDim = dropped ? -1 : n.updateWindowDims().get(w++);
            int size = dropped ? 1 : updateDims.get(windowDim);
            boolean hugeUnsigned = indices.dtype() == DType.U64 && start[d] < 0;
            fits &= !hugeUnsigned && start[d] >= 0 && start[d] <= (long) dims.get(d) - size;
            to[d] = (int) start[d] + (dropped ? 0 : index[windowDim]);
          }
          if (fits) {
            combiner.combine(out, Walk.position(dims, to), updates, i);
          }
        });
    return out;
  }
}
