package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.PluginFolder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Finds the library that a device name means: a path, or an alias of an installed plug-in. */
final class PluginLocator {
  private PluginLocator() {}

  static Path find(String argument) {
    return find(argument, PluginFolder.user());
  }

  static Path find(String argument, PluginFolder plugins) {
    if (argument.isEmpty()) {
      return onlyOne(plugins);
    }
    if (PluginFolder.isAlias(argument) && !isLibrary(argument)) {
      return plugins
          .find(argument)
          .map(PluginFolder.Installed::library)
          .orElseThrow(() ->
              new DeviceException(
                  "there is no plug-in %s: %s does not exist. %s%s"
                      .formatted(
                          argument,
                          plugins.folder(argument).resolve(PluginFolder.PROPERTIES),
                          installed(plugins),
                          remedy(argument))));
    }
    try {
      Path path = Path.of(argument);
      if (Files.isRegularFile(path)) {
        return path;
      }
      throw new DeviceException(
          "there is no plug-in %s: %s. Give the path of a shared library, or an alias such as"
                  .formatted(
                      argument,
                      Files.isDirectory(path)
                          ? "it is a folder"
                          : path.toAbsolutePath() + " does not exist")
              + " xla-cpu. "
              + installed(plugins)
              + remedy("xla-cpu"));
    } catch (InvalidPathException e) {
      throw new DeviceException("\"" + argument + "\" is no path", e);
    }
  }

  private static boolean isLibrary(String argument) {
    return argument.endsWith(".so") || argument.endsWith(".dylib") || argument.endsWith(".dll");
  }

  private static Path onlyOne(PluginFolder plugins) {
    List<PluginFolder.Installed> installed = plugins.installed();
    if (installed.size() == 1) {
      return installed.getFirst().library();
    }
    throw new DeviceException(
        "device pjrt needs a plug-in: pjrt:<alias> or pjrt:<path of a shared library>. "
            + installed(plugins)
            + (installed.isEmpty() ? remedy("xla-cpu") : ""));
  }

  private static String installed(PluginFolder plugins) {
    List<PluginFolder.Installed> installed = plugins.installed();
    return installed.isEmpty()
        ? "No plug-in is installed in " + plugins.root() + ". "
        : installed.stream()
            .map(plugin -> plugin.alias() + " " + plugin.version())
            .collect(Collectors.joining(", ", "Installed: ", ". "));
  }

  private static String remedy(String alias) {
    return "Install one with bin/lazytensor plugin install "
        + alias
        + "; one that \"plugin list\" does not know comes from its wheel, with --from.";
  }
}
