package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.Window;
import java.util.List;

/**
 * {@code reduce-window} with any reducer, in row-major order of the window from the initial values;
 * padding and holes are left out.
 */
public final class ReduceWindowLoop implements Kernel {
  private final Location[] in;
  private final Location[] init;
  private final Location[] out;
  private final ScalarProgram reducer;
  private final Odometer places;
  private final WindowWalk window;
  private final long[] accumulators;

  /** Prepares it: dense arrays, scalars, results of any strides. */
  public ReduceWindowLoop(
      List<Location> in,
      List<Location> init,
      List<Location> out,
      Window window,
      HloComputation reducer) {
    this.in = in.toArray(Location[]::new);
    this.init = init.toArray(Location[]::new);
    this.out = out.toArray(Location[]::new);
    this.reducer = new ScalarProgram(reducer);
    this.window = new WindowWalk(window, this.in[0].sizes(), this.out[0].sizes());
    this.accumulators = new long[this.in.length];
    long[][] strides = new long[this.out.length][];
    for (int k = 0; k < strides.length; k++) {
      strides[k] = this.out[k].strides();
    }
    this.places = new Odometer(this.out[0].sizes(), strides);
  }

  @Override
  public void run() {
    if (!places.reset()) {
      return;
    }
    do {
      for (int k = 0; k < accumulators.length; k++) {
        accumulators[k] = init[k].readScalar();
      }
      if (window.reset()) {
        do {
          long element = window.element(places);
          if (element >= 0) {
            fold(element);
          }
        } while (window.next());
      }
      for (int k = 0; k < accumulators.length; k++) {
        out[k].write(places.offset(k), accumulators[k]);
      }
    } while (places.next());
  }

  private void fold(long element) {
    int n = accumulators.length;
    for (int k = 0; k < n; k++) {
      reducer.set(k, accumulators[k]);
      reducer.set(n + k, in[k].read(element));
    }
    reducer.run();
    for (int k = 0; k < n; k++) {
      accumulators[k] = reducer.get(k);
    }
  }
}
