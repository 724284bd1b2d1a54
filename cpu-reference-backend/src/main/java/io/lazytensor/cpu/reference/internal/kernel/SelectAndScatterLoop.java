package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.Window;

/** {@code select-and-scatter} into an array that holds the initial value already. */
public final class SelectAndScatterLoop implements Kernel {
  private final Location operand;
  private final Location source;
  private final Location out;
  private final WindowWalk window;
  private final Odometer places;
  private final ScalarProgram select;
  private final ScalarProgram scatter;
  private final boolean keepsGreatest;
  private final boolean adds;

  /** Prepares it; only the source may have any strides. */
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
    this.window = new WindowWalk(window, operand.sizes(), source.sizes());
    this.select = new ScalarProgram(select);
    this.scatter = new ScalarProgram(scatter);
    this.keepsGreatest = operand.dtype().isFloating() && Reducers.keepsGreatest(select);
    this.adds =
        out.dtype().isFloating()
            && Reducers.simpleKind(scatter).filter(k -> k == BinaryKind.ADD).isPresent();
    this.places = new Odometer(source.sizes(), source.strides());
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

  /** Returns the window's selected element, or -1 if all is padding. */
  private long selected() {
    long best = -1;
    long bestLane = 0;
    if (!window.reset()) {
      return -1;
    }
    do {
      long candidate = window.element(places);
      if (candidate >= 0) {
        long lane = operand.read(candidate);
        if (best < 0 || !stays(bestLane, lane)) {
          best = candidate;
          bestLane = lane;
        }
      }
    } while (window.next());
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
    long current = out.read(element);
    if (adds) {
      double sum = Lanes.toDouble(current) + Lanes.toDouble(sourceLane);
      out.write(element, Lanes.round(out.dtype(), sum));
      return;
    }
    scatter.set(0, current);
    scatter.set(1, sourceLane);
    scatter.run();
    out.write(element, scatter.get(0));
  }
}
