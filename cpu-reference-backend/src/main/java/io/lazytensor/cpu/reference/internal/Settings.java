package io.lazytensor.cpu.reference.internal;

import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.DeviceException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the backend is set up.
 *
 * @param threads threads of libtorch and of OpenBLAS, at least 1
 */
public record Settings(int threads) {
  /** System property and setting ({@code threads}) with the number of threads. */
  static final String THREADS_PROPERTY = "lazytensor.cpu.threads";

  private static final Set<String> KNOWN = Set.of("threads");

  /** Reads the options; the system property is the default, then the physical cores. */
  public static Settings of(BackendOptions options) {
    if (!options.argument().isEmpty()) {
      throw new DeviceException(
          "device cpu-reference takes no argument, got \"" + options.argument() + "\"");
    }
    for (String name : options.settings().keySet()) {
      if (!KNOWN.contains(name)) {
        throw new DeviceException(
            "device cpu-reference has no setting \"" + name + "\"; known: " + KNOWN);
      }
    }
    String text = options.settings().get("threads");
    return new Settings(threads(text != null ? text : System.getProperty(THREADS_PROPERTY)));
  }

  private static int threads(@Nullable String text) {
    if (text == null) {
      return physicalCores();
    }
    try {
      int threads = Integer.parseInt(text.strip());
      if (threads >= 1 && threads <= 1024) {
        return threads;
      }
    } catch (NumberFormatException _) {
      // Falls through to the message below.
    }
    throw new DeviceException(
        "the number of threads is 1 to 1024, got \""
            + text
            + "\"; set it with the setting \"threads\" or -D"
            + THREADS_PROPERTY);
  }

  /** Counts cores, not hyperthreads, but never more than this process may use. */
  static int physicalCores() {
    int available = Runtime.getRuntime().availableProcessors();
    Set<String> cores = new HashSet<>();
    try (DirectoryStream<Path> cpus =
        Files.newDirectoryStream(Path.of("/sys/devices/system/cpu"), "cpu[0-9]*")) {
      for (Path cpu : cpus) {
        Path topology = cpu.resolve("topology");
        cores.add(
            Files.readString(topology.resolve("physical_package_id")).strip()
                + ":"
                + Files.readString(topology.resolve("core_id")).strip());
      }
    } catch (IOException _) {
      return available;
    }
    return cores.isEmpty() ? available : Math.min(available, cores.size());
  }
}
