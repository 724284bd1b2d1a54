package io.lazytensor.xla.runtime;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where this user's installed plug-ins and compiled graphs are: {@code
 * ${XDG_CACHE_HOME:-~/.cache}/lazytensor}.
 *
 * <p>Source: XDG Base Directory Specification 0.8; a relative {@code XDG_CACHE_HOME} is ignored, as
 * it says.
 */
public final class UserCache {
  private static final String NAME = "lazytensor";

  private UserCache() {}

  /** Returns the folder; it need not exist yet. */
  public static Path folder() {
    return folder(System.getenv(), System.getProperty("user.home", ""));
  }

  static Path folder(Map<String, String> environment, String home) {
    @Nullable String configured = environment.get("XDG_CACHE_HOME");
    if (configured != null && !configured.isEmpty() && Path.of(configured).isAbsolute()) {
      return Path.of(configured, NAME);
    }
    return Path.of(home, ".cache", NAME);
  }
}
