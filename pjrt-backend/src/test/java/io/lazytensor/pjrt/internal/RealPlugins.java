package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.fail;

import io.lazytensor.xla.runtime.PluginFolder;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Where tests find plug-ins: the system property {@value #PROPERTY}, a path of libraries, else what
 * the user installed. Without any they are skipped, or fail if {@value #REQUIRED} is true.
 */
final class RealPlugins {
  static final String PROPERTY = "lazytensor.pjrt.plugins";
  static final String REQUIRED = "lazytensor.pjrt.required";

  private RealPlugins() {}

  static List<Path> all() {
    String given = System.getProperty(PROPERTY, "");
    List<Path> found =
        given.isEmpty()
            ? PluginFolder.user().installed().stream().map(PluginFolder.Installed::library).toList()
            : Arrays.stream(given.split(File.pathSeparator, -1)).map(Path::of).toList();
    for (Path path : found) {
      if (!Files.isRegularFile(path)) {
        fail(path + " of -D" + PROPERTY + " does not exist");
      }
    }
    if (found.isEmpty()) {
      String why =
          "no PJRT plug-in: run bin/lazytensor plugin install xla-cpu, or set -D" + PROPERTY;
      if (Boolean.getBoolean(REQUIRED)) {
        fail(why);
      }
      Assumptions.abort(why);
    }
    return found;
  }
}
