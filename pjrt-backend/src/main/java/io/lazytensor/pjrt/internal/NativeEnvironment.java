package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/** The C library's environment, which plug-ins read while they are loaded. */
@SuppressWarnings("restricted") // binding native functions is what this is for
final class NativeEnvironment {
  /** {@code keep} leaves the environment as it is. */
  static final String PROPERTY = "lazytensor.pjrt.environment";

  // Plug-ins otherwise report themselves on standard error as they start.
  private static final Map<String, String> DEFAULTS = Map.of("TF_CPP_MIN_LOG_LEVEL", "2");

  private NativeEnvironment() {}

  /** Sets the defaults the user did not set; works only before the library is loaded. */
  static void prepare() {
    if (!"keep".equals(System.getProperty(PROPERTY))) {
      DEFAULTS.forEach(NativeEnvironment::setIfUnset);
    }
  }

  private static void setIfUnset(String name, String value) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> symbol = linker.defaultLookup().find("setenv");
    if (symbol.isEmpty()) {
      return;
    }
    MethodHandle setenv =
        linker.downcallHandle(
            symbol.get(), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
    } catch (Throwable failure) {
      throw new IllegalStateException("setenv failed", failure);
    }
  }
}
