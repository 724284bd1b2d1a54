package io.lazytensor.examples;

import io.lazytensor.xla.runtime.PluginFolder;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** The PJRT plug-ins that tests run on. */
public final class PjrtPlugins {
  private PjrtPlugins() {}

  /**
   * Returns devices by the property {@code lazytensor.pjrt.plugins}, else what is installed; none
   * is a failure if {@code lazytensor.pjrt.required} is true.
   */
  public static List<String> devices() {
    String given = System.getProperty("lazytensor.pjrt.plugins", "");
    List<String> found =
        given.isEmpty()
            ? PluginFolder.user().installed().stream().map(p -> "pjrt:" + p.alias()).toList()
            : Arrays.stream(given.split(File.pathSeparator, -1)).map(p -> "pjrt:" + p).toList();
    if (found.isEmpty() && Boolean.getBoolean("lazytensor.pjrt.required")) {
      Assertions.fail(WHY_NONE);
    }
    return found;
  }

  /** What to do where there is none. */
  public static final String WHY_NONE =
      "no PJRT plug-in: run bin/lazytensor plugin install xla-cpu";
}
