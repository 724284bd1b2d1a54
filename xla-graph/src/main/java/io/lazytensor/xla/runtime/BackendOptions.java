package io.lazytensor.xla.runtime;

import java.util.Map;

/**
 * What a backend is opened with.
 *
 * @param argument what follows the first colon of the device name; empty if nothing does
 * @param settings named settings of the backend, such as {@code threads}
 */
public record BackendOptions(String argument, Map<String, String> settings) {
  /** No argument, no settings. */
  public static final BackendOptions NONE = new BackendOptions("", Map.of());

  /** Copies the map. */
  public BackendOptions {
    settings = Map.copyOf(settings);
  }
}
