package io.lazytensor.xla.runtime;

/** Offers {@link DryRunBackend} as device {@code dry-run}. */
public final class DryRunProvider implements BackendProvider {
  /** Creates the provider; the service loader does. */
  public DryRunProvider() {}

  @Override
  public String name() {
    return "dry-run";
  }

  @Override
  public Availability availability() {
    return new Availability.Available();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new DryRunBackend();
  }
}
