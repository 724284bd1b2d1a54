package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;

/** {@code select-and-scatter} into an array that holds the initial value already. */
public final class SelectAndScatterLoop implements Kernel {
  private final Location operand;
  private final Location source;
  private final Location out;
  private final Window window;
  private final Odometer places;
  private final Odometer inside;
  private final ScalarProgram select;
  private final ScalarProgram scatter;
  private final boolean keepsGreatest;
  private final boolean adds;

  /** Prepares it. Any strides will do. */
  public SelectAndScatterLoop(
      Location operand,
      Location source,
      Location out,
      Window window,
      HloComputation select,
      HloComputation scatter) {
    this.operand = operand;
    this.source = source;
    this.out = out;
    this.window = window;
    this.select = new ScalarProgram(select);
    this.scatter = new ScalarProgram(scatter);
    this.keepsGreatest = operand.dtype().isFloating() && Reducers.keepsGreatest(select);
    this.adds =
        out.dtype().isFloating()
            && Reducers.simpleKind(scatter).filter(k -> k == BinaryKind.ADD).isPresent();
    this.places = new Odometer(source.sizes(), source.strides());
    long[] extent = window.dimensions().stream().mapToLong(WindowDimension::size).toArray();
    this.inside = new Odometer(extent);
  }

  @Override
  public void run() {
    if (!places.reset()) {
      return;
    }
    do {
      long selected = selected();
      if (selected >= 0) {
        combine(selected, source.read(places.offset(0)));
      }
    } while (places.next());
  }

  /** Returns the row-major number of the window's selected element, or -1 if all is padding. */
  private long selected() {
    long best = -1;
    long bestLane = 0;
    if (!inside.reset()) {
      return -1;
    }
    do {
      long candidate = element();
      if (candidate >= 0) {
        long lane = operand.read(offset(operand, candidate));
        if (best < 0 || !stays(bestLane, lane)) {
          best = candidate;
          bestLane = lane;
        }
      }
    } while (inside.next());
    return best;
  }

  private boolean stays(long selected, long candidate) {
    if (keepsGreatest) {
      return Lanes.toDouble(selected) >= Lanes.toDouble(candidate);
    }
    select.set(0, selected);
    select.set(1, candidate);
    select.run();
    return select.get(0) != 0;
  }

  private void combine(long element, long sourceLane) {
    long at = offset(out, element);
    long current = out.read(at);
    if (adds) {
      double sum = Lanes.toDouble(current) + Lanes.toDouble(sourceLane);
      out.write(at, Lanes.round(out.dtype(), sum));
      return;
    }
    scatter.set(0, current);
    scatter.set(1, sourceLane);
    scatter.run();
    out.write(at, scatter.get(0));
  }

  /** Returns the row-major number of the array's element here, or -1 for padding and holes. */
  private long element() {
    long number = 0;
    for (int d = 0; d < window.rank(); d++) {
      WindowDimension w = window.get(d);
      long dilated =
          places.index(d) * w.stride() + inside.index(d) * w.windowDilation() - w.paddingLow();
      long size = operand.sizes()[d];
      if (dilated < 0 || dilated % w.baseDilation() != 0 || dilated / w.baseDilation() >= size) {
        return -1;
      }
      number = number * size + dilated / w.baseDilation();
    }
    return number;
  }

  private static long offset(Location array, long number) {
    long rest = number;
    long offset = 0;
    for (int d = array.sizes().length - 1; d >= 0; d--) {
      offset += rest % array.sizes()[d] * array.strides()[d];
      rest /= array.sizes()[d];
    }
    return offset;
  }
}
