package io.lazytensor.xla.runtime;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The environment variables {@code LAZYTENSOR_…}. A name that does not exist is an error, since a
 * misspelt one would change nothing in silence.
 *
 * @param cache where compiled graphs are kept
 */
public record Environment(Cache cache) {
  /** A folder, or {@code off}; {@link PersistentCache#userFolder} if it is not set. */
  public static final String CACHE_DIR = "LAZYTENSOR_CACHE_DIR";

  private static final String PREFIX = "LAZYTENSOR_";
  private static final Set<String> KNOWN = Set.of(CACHE_DIR);

  /** Where compiled graphs are kept. */
  public sealed interface Cache {
    /** In the user's own folder, as long as it can be used. */
    record Usual() implements Cache {}

    /**
     * In a folder the user named.
     *
     * @param path the folder
     */
    record Folder(Path path) implements Cache {}

    /** Nowhere. */
    record Off() implements Cache {}
  }

  /**
   * Reads this process's environment.
   *
   * @throws DeviceException if a name or value is none
   */
  public static Environment read() {
    return of(System.getenv());
  }

  static Environment of(Map<String, String> variables) {
    Set<String> unknown = new TreeSet<>();
    for (String name : variables.keySet()) {
      if (name.startsWith(PREFIX) && !KNOWN.contains(name)) {
        unknown.add(name);
      }
    }
    if (!unknown.isEmpty()) {
      throw new DeviceException(
          "unknown environment variables " + unknown + "; known: " + new TreeSet<>(KNOWN));
    }
    return new Environment(cache(Optional.ofNullable(variables.get(CACHE_DIR))));
  }

  private static Cache cache(Optional<String> value) {
    if (value.isEmpty() || value.get().isEmpty()) {
      return new Cache.Usual();
    }
    if (value.get().equals("off")) {
      return new Cache.Off();
    }
    try {
      return new Cache.Folder(Path.of(value.get()));
    } catch (InvalidPathException e) {
      throw new DeviceException(CACHE_DIR + " is a folder or \"off\", got " + value.get(), e);
    }
  }
}
