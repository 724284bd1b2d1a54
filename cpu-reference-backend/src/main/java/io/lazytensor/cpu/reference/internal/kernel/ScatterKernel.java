package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** {@code scatter} into arrays that hold the operands already; one window after the other. */
public final class ScatterKernel implements Kernel {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final Location[] targets;
  private final Location[] updates;
  private final IndexVectors vectors;
  private final Odometer batch;
  private final Odometer window;
  private final long[] windowExtent;
  private final ScalarProgram combiner;
  private final boolean floatSum;

  /** Prepares it. Any strides will do for indices and updates. */
  public ScatterKernel(
      List<Location> targets,
      Location indices,
      List<Location> updates,
      ScatterDimensionNumbers numbers,
      HloComputation combiner) {
    this.targets = targets.toArray(Location[]::new);
    this.updates = updates.toArray(Location[]::new);
    this.combiner = new ScalarProgram(combiner);
    this.floatSum =
        targets.size() == 1
            && targets.getFirst().dtype() == DType.F32
            && Reducers.simpleKind(combiner).filter(k -> k == BinaryKind.ADD).isPresent();
    Location target = this.targets[0];
    Location update = this.updates[0];
    int rank = target.sizes().length;
    windowExtent = new long[rank];
    int windowRank = numbers.updateWindowDims().size();
    long[] sizes = new long[windowRank];
    long[] to = new long[windowRank];
    long[] from = new long[windowRank];
    int k = 0;
    for (int d = 0; d < rank; d++) {
      if (numbers.insertedWindowDims().contains(d) || numbers.inputBatchingDims().contains(d)) {
        windowExtent[d] = 1;
      } else {
        int updateDim = numbers.updateWindowDims().get(k);
        sizes[k] = update.sizes()[updateDim];
        to[k] = target.strides()[d];
        from[k] = update.strides()[updateDim];
        windowExtent[d] = sizes[k];
        k++;
      }
    }
    window = new Odometer(sizes, to, from);
    vectors =
        new IndexVectors(
            indices,
            numbers.indexVectorDim(),
            numbers.scatterDimsToOperandDims(),
            numbers.inputBatchingDims(),
            numbers.scatterIndicesBatchingDims());
    batch = vectors.odometer(update, numbers.updateWindowDims());
  }

  @Override
  public void run() {
    if (!batch.reset()) {
      return;
    }
    do {
      long start = start();
      if (start >= 0) {
        if (floatSum) {
          addWindow(start, batch.offset(IndexVectors.OTHER));
        } else {
          combineWindow(start, batch.offset(IndexVectors.OTHER));
        }
      }
    } while (batch.next());
  }

  /** Returns the element the window starts at, or -1 if it does not fit. */
  private long start() {
    Location target = targets[0];
    long offset = 0;
    for (int i = 0; i < vectors.size(); i++) {
      int d = vectors.operandDim(i);
      long index = vectors.raw(batch, i);
      if (index < 0 || index > target.sizes()[d] - windowExtent[d]) {
        return -1;
      }
      offset += index * target.strides()[d];
    }
    for (int i = 0; i < vectors.batchingSize(); i++) {
      offset += vectors.batching(batch, i) * target.strides()[vectors.batchingDim(i)];
    }
    return offset;
  }

  private void addWindow(long to, long from) {
    if (!window.reset()) {
      return;
    }
    MemorySegment target = targets[0].segment();
    MemorySegment update = updates[0].segment();
    long targetByte = targets[0].byteOffset() + to * Float.BYTES;
    long updateByte = updates[0].byteOffset() + from * Float.BYTES;
    do {
      long at = targetByte + window.offset(0) * Float.BYTES;
      float add = update.get(FLOAT, updateByte + window.offset(1) * Float.BYTES);
      target.set(FLOAT, at, target.get(FLOAT, at) + add);
    } while (window.next());
  }

  private void combineWindow(long to, long from) {
    if (!window.reset()) {
      return;
    }
    int n = targets.length;
    do {
      for (int k = 0; k < n; k++) {
        combiner.set(k, read(targets[k], to + window.offset(0)));
        combiner.set(n + k, read(updates[k], from + window.offset(1)));
      }
      combiner.run();
      for (int k = 0; k < n; k++) {
        Location target = targets[k];
        Lanes.write(
            target.dtype(),
            target.segment(),
            target.byteOffset() + (to + window.offset(0)) * target.dtype().byteSize(),
            combiner.get(k));
      }
    } while (window.next());
  }

  private static long read(Location array, long element) {
    return Lanes.read(
        array.dtype(), array.segment(), array.byteOffset() + element * array.dtype().byteSize());
  }
}
