package io.lazytensor.cpu.reference;

import io.lazytensor.cpu.reference.internal.CpuBackend;
import io.lazytensor.cpu.reference.internal.LibTorch;
import io.lazytensor.cpu.reference.internal.Settings;
import io.lazytensor.cpu.reference.internal.plan.Capabilities;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.runtime.Availability;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.BackendProvider;
import java.util.Set;

/**
 * Offers libtorch as device {@code cpu-reference}.
 *
 * <p>Setting {@code threads}, else the system property {@code lazytensor.cpu.threads}, else the
 * physical cores: how many threads share a long step, the caller included. OpenBLAS itself is set
 * to one thread, for the whole process. The system property {@code lazytensor.cpu.ompPolicy=keep}
 * leaves {@code OMP_WAIT_POLICY} and its relatives alone.
 */
public final class CpuReferenceProvider implements BackendProvider {
  /** Creates the provider; {@link java.util.ServiceLoader} does. */
  public CpuReferenceProvider() {}

  @Override
  public String name() {
    return "cpu-reference";
  }

  @Override
  public Availability availability() {
    return LibTorch.availability();
  }

  @Override
  public int cpuPreference() {
    return 10;
  }

  @Override
  public Set<HloOpcode> opcodes() {
    return Capabilities.opcodes();
  }

  @Override
  public Set<DType> types() {
    return Capabilities.types();
  }

  @Override
  public Backend open(BackendOptions options) {
    return new CpuBackend(Settings.of(options));
  }
}
