package io.lazytensor.xla.eval;

import io.lazytensor.xla.runtime.Availability;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.BackendProvider;
import io.lazytensor.xla.runtime.DeviceException;

/**
 * Offers the evaluator as device {@code evaluator}: for tests, and where nothing else runs. The
 * setting {@code devices} says how many devices it has.
 */
public final class EvaluatorProvider implements BackendProvider {
  /** Creates the provider; the service loader does. */
  public EvaluatorProvider() {}

  @Override
  public String name() {
    return "evaluator";
  }

  @Override
  public Availability availability() {
    return new Availability.Available();
  }

  @Override
  public Backend open(BackendOptions options) {
    String devices = options.settings().getOrDefault("devices", "1");
    // Each device is a thread; more than this is a slip of the pen.
    if (!devices.matches("[0-9]{1,4}")) {
      throw new DeviceException(
          "the evaluator's setting devices is a number from 1 to 9999, got \"" + devices + "\"");
    }
    return new EvaluatorBackend(Integer.parseInt(devices), CustomCalls.standard());
  }
}
