package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;

/** {@code gather}: one strided copy for each index vector. */
public final class GatherKernel implements Kernel {
  private final Location operand;
  private final Location out;
  private final IndexVectors vectors;
  private final Odometer batch;
  private final StridedCopy window;
  private final Dims sliceSizes;

  /** Prepares it. Any strides will do. */
  public GatherKernel(
      Location operand,
      Location indices,
      Location out,
      GatherDimensionNumbers numbers,
      Dims sliceSizes) {
    this.operand = operand;
    this.out = out;
    this.sliceSizes = sliceSizes;
    int rank = operand.sizes().length;
    int windowRank = numbers.offsetDims().size();
    long[] sizes = new long[windowRank];
    long[] from = new long[windowRank];
    long[] to = new long[windowRank];
    int k = 0;
    for (int d = 0; d < rank; d++) {
      if (!numbers.collapsedSliceDims().contains(d) && !numbers.operandBatchingDims().contains(d)) {
        sizes[k] = sliceSizes.get(d);
        from[k] = operand.strides()[d];
        to[k] = out.strides()[numbers.offsetDims().get(k)];
        k++;
      }
    }
    this.window = new StridedCopy(sizes, from, to, operand.dtype().byteSize());
    this.vectors =
        new IndexVectors(
            indices,
            numbers.indexVectorDim(),
            numbers.startIndexMap(),
            numbers.operandBatchingDims(),
            numbers.startIndicesBatchingDims());
    this.batch = vectors.odometer(out, numbers.offsetDims());
  }

  @Override
  public void run() {
    if (!batch.reset()) {
      return;
    }
    int bytes = operand.dtype().byteSize();
    do {
      long from = 0;
      for (int i = 0; i < vectors.size(); i++) {
        int d = vectors.operandDim(i);
        long max = operand.sizes()[d] - sliceSizes.get(d);
        from += vectors.clamped(batch, i, max) * operand.strides()[d];
      }
      for (int i = 0; i < vectors.batchingSize(); i++) {
        from += vectors.batching(batch, i) * operand.strides()[vectors.batchingDim(i)];
      }
      window.copy(
          operand.segment(),
          operand.byteOffset() + from * bytes,
          out.segment(),
          out.byteOffset() + batch.offset(IndexVectors.OTHER) * bytes);
    } while (batch.next());
  }
}
