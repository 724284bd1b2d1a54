package io.lazytensor.xla.eval;

import io.lazytensor.xla.runtime.Availability;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.BackendProvider;

/** Offers the evaluator as device {@code evaluator}: for tests, and where nothing else runs. */
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
    return new EvaluatorBackend();
  }
}
