package io.lazytensor.pjrt;

import io.lazytensor.pjrt.internal.PjrtBackend;
import io.lazytensor.xla.runtime.Availability;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.BackendProvider;

/**
 * Offers PJRT plug-ins as devices {@code pjrt:<path or alias>[:n]}: {@code pjrt:xla-cpu}, {@code
 * pjrt:/opt/plugins/libneuronpjrt.so:1}. {@code pjrt} alone is the plug-in that is installed, if it
 * is the only one.
 *
 * <p>Settings: {@code devices}, how many to have where the plug-in can have any number (XLA for
 * CPU), 1 if not given; {@code option.NAME}, an option of the plug-in's client; {@code xla.NAME},
 * an option of its compiler, by XLA's name. The system property {@code
 * lazytensor.pjrt.environment=keep} leaves {@code TF_CPP_MIN_LOG_LEVEL} alone, which otherwise is 2
 * unless it is set.
 */
public final class PjrtProvider implements BackendProvider {
  /** Creates the provider; {@link java.util.ServiceLoader} does. */
  public PjrtProvider() {}

  @Override
  public String name() {
    return "pjrt";
  }

  /** Any machine may have a plug-in; which one is needed is known when a device is opened. */
  @Override
  public Availability availability() {
    return new Availability.Available();
  }

  @Override
  public Backend open(BackendOptions options) {
    return PjrtBackend.open(options);
  }
}
