package io.lazytensor;

import io.lazytensor.xla.runtime.Environment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a device is opened.
 *
 * @param settings settings of its backend by name, such as {@code threads}
 * @param cache where compiled graphs are kept for the next process; the environment's {@code
 *     LAZYTENSOR_CACHE_DIR} says so if this is empty
 * @param nonFinite where a step that computes NaN or an infinity is written; if empty, nobody looks
 */
public record DeviceOptions(
    Map<String, String> settings, Optional<Environment.Cache> cache, Optional<Path> nonFinite) {
  /** No settings, and the environment's cache. */
  public static final DeviceOptions DEFAULT =
      new DeviceOptions(Map.of(), Optional.empty(), Optional.empty());

  /** Copies the map. */
  public DeviceOptions {
    settings = Map.copyOf(settings);
  }

  /** Returns these options with one more setting of the backend. */
  public DeviceOptions withSetting(String name, String value) {
    Map<String, String> more = new HashMap<>(settings);
    more.put(name, value);
    return new DeviceOptions(more, cache, nonFinite);
  }

  /**
   * Returns these options with compiled graphs kept in a folder, which must be its user's alone.
   */
  public DeviceOptions withExecutableCache(Path folder) {
    return new DeviceOptions(
        settings, Optional.of(new Environment.Cache.Folder(folder)), nonFinite);
  }

  /** Returns these options with compiled graphs kept in memory only. */
  public DeviceOptions withoutExecutableCache() {
    return new DeviceOptions(settings, Optional.of(new Environment.Cache.Off()), nonFinite);
  }

  /**
   * Returns these options with a look at everything a step computes: assigned, fetched and kept
   * values and gradients. A step with NaN or an infinity among them does not happen; the next cut,
   * fetch or {@link Device#synchronize} throws {@link io.lazytensor.observe.NonFiniteException}
   * with the number of the cut and the operation that made the first one, and a folder is written
   * that {@code bin/lazytensor hlo run} runs again. Slower, and parameters are in memory twice.
   */
  public DeviceOptions withNonFiniteCheck(Path folder) {
    return new DeviceOptions(settings, cache, Optional.of(folder));
  }
}
