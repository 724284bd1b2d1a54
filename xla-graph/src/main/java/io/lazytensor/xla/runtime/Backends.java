package io.lazytensor.xla.runtime;

import io.lazytensor.xla.runtime.Availability.Available;
import io.lazytensor.xla.runtime.Availability.Unavailable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds backends by device name. */
public final class Backends {
  private static final String BEST_CPU = "cpu";
  private static final Pattern NAME = Pattern.compile("([^:]+)(?::(.*?))??(?::(\\d+))?");

  private Backends() {}

  /**
   * A backend that was opened for one of its devices.
   *
   * @param backend the backend, to be closed by the caller
   * @param device the device's index
   */
  public record Opened(Backend backend, int device) {}

  /** Returns the backends offered on the class path and module path, by name. */
  public static List<BackendProvider> providers() {
    List<BackendProvider> out = new ArrayList<>();
    var found =
        ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).iterator();
    while (true) {
      try {
        if (!found.hasNext()) {
          break;
        }
        out.add(found.next());
      } catch (ServiceConfigurationError e) {
        throw new DeviceException("a backend provider cannot be created: " + e.getMessage(), e);
      }
    }
    out.sort(Comparator.comparing(BackendProvider::name));
    return out;
  }

  /**
   * Opens a device by name: {@code cpu}, {@code evaluator}, {@code neuron:1}, {@code
   * pjrt:/path/plugin.so:0}. What follows the name is an argument for the backend, a number at the
   * end the index of the device.
   *
   * @throws DeviceException if there is no such device, or it is unavailable; the message lists the
   *     known ones, and for unavailable ones why and what to do
   */
  public static Opened open(String name) {
    return open(name, Map.of());
  }

  /**
   * Opens a device by name, its backend with settings of its own, such as {@code threads}.
   *
   * @throws DeviceException as {@link #open(String)}
   */
  public static Opened open(String name, Map<String, String> settings) {
    return open(name, settings, providers());
  }

  static Opened open(String name, Map<String, String> settings, List<BackendProvider> providers) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw unknown(name, providers);
    }
    BackendProvider provider =
        find(parts.group(1), providers).orElseThrow(() -> unknown(name, providers));
    if (provider.availability() instanceof Unavailable(String reason, String remedy)) {
      throw new DeviceException(
          "device \"%s\" is unavailable: %s %s%n%s"
              .formatted(name, reason, remedy, known(providers)));
    }
    String argument = Optional.ofNullable(parts.group(2)).orElse("");
    int index = parts.group(3) == null ? 0 : Integer.parseInt(parts.group(3));
    Backend backend = provider.open(new BackendOptions(argument, settings));
    int devices = backend.devices().size();
    if (index >= devices) {
      backend.close();
      throw new DeviceException(
          "device \"%s\" does not exist: %s has %d, numbered from 0"
              .formatted(name, provider.name(), devices));
    }
    return new Opened(backend, index);
  }

  private static Optional<BackendProvider> find(String name, List<BackendProvider> providers) {
    if (name.equals(BEST_CPU)) {
      Comparator<BackendProvider> best =
          Comparator.comparing((BackendProvider p) -> p.availability() instanceof Available)
              .thenComparing(BackendProvider::cpuPreference);
      return providers.stream().filter(p -> p.cpuPreference() > 0).max(best);
    }
    return providers.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  private static DeviceException unknown(String name, List<BackendProvider> providers) {
    String hint =
        name.equals(BEST_CPU)
            ? "no CPU backend is on the class path; add the dependency"
                + " io.github.lazytensor:cpu-reference-backend. "
            : "";
    return new DeviceException(
        "unknown device \"%s\": %s%s".formatted(name, hint, known(providers)));
  }

  private static String known(List<BackendProvider> providers) {
    String list =
        providers.stream()
            .map(provider ->
                switch (provider.availability()) {
                  case Available() -> "%n  %s: available".formatted(provider.name());
                  case Unavailable(String reason, String remedy) ->
                      "%n  %s: unavailable: %s %s".formatted(provider.name(), reason, remedy);
                })
            .collect(Collectors.joining());
    return list.isEmpty() ? "no devices are known" : "known devices:" + list;
  }
}
