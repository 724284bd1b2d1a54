package io.lazytensor.trainer;

import java.util.LinkedHashMap;
import java.util.Map;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Turns SIGTERM and SIGINT into a wish the training loop sees at the end of a step, so that it can
 * save and leave with {@link #EXIT_CODE}. A second signal ends the process at once, as it would
 * have without this.
 */
public final class StopSignal implements AutoCloseable {
  /** Exit code of a run that was stopped and can be resumed: {@code EX_TEMPFAIL}. */
  public static final int EXIT_CODE = 75;

  private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
  private volatile boolean requested;

  private StopSignal() {}

  /** Listens until it is closed. */
  public static StopSignal listen() {
    StopSignal stop = new StopSignal();
    for (String name : new String[] {"TERM", "INT"}) {
      Signal signal = new Signal(name);
      try {
        stop.before.put(signal, Signal.handle(signal, stop::received));
      } catch (IllegalArgumentException e) {
        // The JVM was started with -Xrs or uses the signal itself: it ends the process as always.
      }
    }
    return stop;
  }

  private void received(Signal signal) {
    if (requested) {
      Runtime.getRuntime().halt(128 + signal.getNumber());
    }
    requested = true;
  }

  /** Returns whether a signal came. */
  public boolean isRequested() {
    return requested;
  }

  @Override
  public void close() {
    before.forEach(Signal::handle);
  }
}
