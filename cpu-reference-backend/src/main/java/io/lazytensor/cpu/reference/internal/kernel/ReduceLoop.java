package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import java.util.List;

/** A variadic reduction with any reducer, in row-major order from the initial values. */
public final class ReduceLoop implements Kernel {
  private final Location[] in;
  private final Location[] init;
  private final Location[] out;
  private final Odometer kept;
  private final Odometer reduced;
  private final ScalarProgram reducer;

  /** Prepares it. Any strides will do. */
  public ReduceLoop(
      List<Location> in,
      List<Location> init,
      List<Location> out,
      Dims dimensions,
      HloComputation reducer) {
    this.in = in.toArray(Location[]::new);
    this.init = init.toArray(Location[]::new);
    this.out = out.toArray(Location[]::new);
    this.reducer = new ScalarProgram(reducer);
    int n = this.in.length;
    int rank = this.in[0].sizes().length;
    int reducedRank = dimensions.size();
    long[] keptSizes = new long[rank - reducedRank];
    long[] reducedSizes = new long[reducedRank];
    long[][] keptStrides = new long[n + 1][rank - reducedRank];
    long[][] reducedStrides = new long[n][reducedRank];
    int a = 0;
    int b = 0;
    for (int d = 0; d < rank; d++) {
      boolean isReduced = dimensions.contains(d);
      for (int k = 0; k < n; k++) {
        (isReduced ? reducedStrides : keptStrides)[k][isReduced ? b : a] = this.in[k].strides()[d];
      }
      if (isReduced) {
        reducedSizes[b++] = this.in[0].sizes()[d];
      } else {
        keptStrides[n][a] = this.out[0].strides()[a];
        keptSizes[a++] = this.in[0].sizes()[d];
      }
    }
    kept = new Odometer(keptSizes, keptStrides);
    reduced = new Odometer(reducedSizes, reducedStrides);
  }

  @Override
  public void run() {
    if (!kept.reset()) {
      return;
    }
    int n = in.length;
    long[] accumulators = new long[n];
    do {
      for (int k = 0; k < n; k++) {
        accumulators[k] = init[k].readScalar();
      }
      if (reduced.reset()) {
        do {
          fold(accumulators);
        } while (reduced.next());
      }
      for (int k = 0; k < n; k++) {
        long at = out[k].byteOffset() + kept.offset(n) * out[k].dtype().byteSize();
        Lanes.write(out[k].dtype(), out[k].segment(), at, accumulators[k]);
      }
    } while (kept.next());
  }

  private void fold(long[] accumulators) {
    int n = accumulators.length;
    for (int k = 0; k < n; k++) {
      reducer.set(k, accumulators[k]);
      long element = kept.offset(k) + reduced.offset(k);
      reducer.set(
          n + k,
          Lanes.read(
              in[k].dtype(),
              in[k].segment(),
              in[k].byteOffset() + element * in[k].dtype().byteSize()));
    }
    reducer.run();
    for (int k = 0; k < n; k++) {
      accumulators[k] = reducer.get(k);
    }
  }
}
