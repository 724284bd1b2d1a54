package io.lazytensor.cli.plugin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Fetches wheels with the user's own pip, and with it the user's own settings. */
final class Pip {
  private static final int MINUTES = 15;

  private final List<String> command;

  /** Takes the command that is pip, {@code python3 -m pip}. */
  Pip(List<String> command) {
    this.command = List.copyOf(command);
  }

  /**
   * Fetches the wheel of a plug-in into a folder; pip itself compares the hash.
   *
   * @throws PluginException if pip is missing, offline or refuses; with the command to try by hand
   */
  Path download(KnownPlugin plugin, Path folder) {
    Path log = folder.resolve("pip.log");
    try {
      Path requirements =
          Files.writeString(
              folder.resolve("requirements.txt"),
              plugin.requirement() + " --hash=sha256:" + plugin.sha256() + "\n");
      Process process =
          new ProcessBuilder(
                  Stream.concat(
                          command.stream(),
                          Stream.of(
                              "--disable-pip-version-check",
                              "download",
                              "--quiet",
                              "--no-input",
                              "--no-deps",
                              "--only-binary",
                              ":all:",
                              "--require-hashes",
                              "--requirement",
                              requirements.toString(),
                              "--dest",
                              folder.toString()))
                      .toList())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroy();
        throw failed(plugin, "pip did not finish within " + MINUTES + " minutes");
      }
      if (process.exitValue() != 0) {
        throw failed(plugin, "pip failed: " + reason(log));
      }
      return wheel(folder, plugin);
    } catch (IOException e) {
      throw failed(plugin, command.getFirst() + " cannot be started; is it installed?");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(plugin, "interrupted");
    }
  }

  private static Path wheel(Path folder, KnownPlugin plugin) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".whl"))
          .findFirst()
          .orElseThrow(() -> failed(plugin, "pip fetched no wheel"));
    }
  }

  /** Returns the last line that says what is wrong. */
  private static String reason(Path log) throws IOException {
    List<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    return lines.stream()
        .filter(line -> line.startsWith("ERROR:"))
        .reduce((_, last) -> last)
        .or(() -> lines.stream().reduce((_, last) -> last))
        .orElse("it said nothing");
  }

  private static PluginException failed(KnownPlugin plugin, String why) {
    return new PluginException(
        """
        the plug-in %s was not installed: %s
        It needs Python 3 with pip and a package index pip can reach. On a machine that has both, run
          python3 -m pip download --no-deps --only-binary :all: %s
        and install the wheel it fetches here with
          bin/lazytensor plugin install %s --from WHEEL\
        """
            .formatted(plugin.alias(), why, plugin.requirement(), plugin.alias()));
  }
}
