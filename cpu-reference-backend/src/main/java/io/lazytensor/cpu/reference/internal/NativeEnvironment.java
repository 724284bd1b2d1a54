package io.lazytensor.cpu.reference.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/**
 * The C library's environment, which native libraries read when they are loaded and which {@link
 * System#getenv} cannot change.
 */
final class NativeEnvironment {
  /** {@code keep} leaves the environment as it is. */
  static final String POLICY_PROPERTY = "lazytensor.cpu.ompPolicy";

  /**
   * Waiting threads of libgomp sleep instead of spinning: they otherwise keep those that work off
   * the cores, and a training step on two cores becomes more than ten times slower.
   */
  private static final Map<String, String> DEFAULTS =
      Map.of("OMP_WAIT_POLICY", "PASSIVE", "GOMP_SPINCOUNT", "0");

  private NativeEnvironment() {}

  /** Sets the defaults that are not set; works only before the libraries are loaded. */
  static void prepare() {
    if ("keep".equals(System.getProperty(POLICY_PROPERTY))) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> symbol = linker.defaultLookup().find("setenv");
    if (symbol.isEmpty()) {
      return;
    }
    MethodHandle setenv =
        linker.downcallHandle(
            symbol.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      for (Map.Entry<String, String> entry : DEFAULTS.entrySet()) {
        int _ =
            (int)
                setenv.invokeExact(
                    arena.allocateFrom(entry.getKey()), arena.allocateFrom(entry.getValue()), 0);
      }
    } catch (Throwable failure) {
      throw new IllegalStateException("setenv failed", failure);
    }
  }

  /** Returns the version of glibc, or empty where there is none. */
  static Optional<String> glibcVersion() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> symbol = linker.defaultLookup().find("gnu_get_libc_version");
    if (symbol.isEmpty()) {
      return Optional.empty();
    }
    MethodHandle version =
        linker.downcallHandle(symbol.get(), FunctionDescriptor.of(ValueLayout.ADDRESS));
    try {
      return Optional.of(((MemorySegment) version.invokeExact()).reinterpret(64).getString(0));
    } catch (Throwable failure) {
      throw new IllegalStateException("gnu_get_libc_version failed", failure);
    }
  }
}
