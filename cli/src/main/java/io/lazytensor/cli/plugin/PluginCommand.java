package io.lazytensor.cli.plugin;

import io.lazytensor.xla.runtime.PluginFolder;
import io.lazytensor.xla.runtime.PluginFolder.Installed;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Installs PJRT plug-ins, which are devices {@code pjrt:ALIAS} afterwards. */
@Command(
    name = "plugin",
    description = "Installs PJRT plug-ins: devices pjrt:ALIAS.",
    mixinStandardHelpOptions = true,
    subcommands = {CommandLine.HelpCommand.class})
@SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
public final class PluginCommand implements Runnable {
  private final PluginFolder plugins;
  private final PluginInstaller installer;

  @Spec CommandSpec spec;

  /** Creates the command for the user's own folder of plug-ins, and {@code python3 -m pip}. */
  public PluginCommand() {
    this(PluginFolder.user(), List.of("python3", "-m", "pip"));
  }

  /**
   * Creates the command for another folder.
   *
   * @param pip the command that is pip
   */
  public PluginCommand(PluginFolder plugins, List<String> pip) {
    this.plugins = plugins;
    this.installer = new PluginInstaller(plugins, new Pip(pip));
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "install",
      description = {
        "Fetches a plug-in with pip (python3 -m pip), checks its SHA-256, and unpacks it into the"
            + " user's cache folder. Known: xla-cpu, xla-cpu-next.",
        "With --from any wheel with a PJRT plug-in is installed, under any alias."
      },
      mixinStandardHelpOptions = true)
  int install(
      @Parameters(paramLabel = "ALIAS", description = "Its name after \"pjrt:\".") String alias,
      @Option(
              names = "--from",
              paramLabel = "WHEEL",
              description = "A wheel that is here already; nothing is fetched.")
          @Nullable Path from,
      @Option(
              names = "--library",
              paramLabel = "PATH",
              description = "The shared library in the wheel, if it holds several.")
          @Nullable String library) {
    Optional<KnownPlugin> known = KnownPlugin.of(alias);
    if (from == null && known.isEmpty()) {
      return usage(
          "unknown plug-in \"%s\"; known: %s. Another one is installed from its wheel with --from."
              .formatted(alias, KnownPlugin.aliases()));
    }
    if (!PluginFolder.isAlias(alias)) {
      return usage(
          "an alias is lower-case letters, digits, dots and dashes, got \"" + alias + "\"");
    }
    if (from == null && library != null) {
      return usage("--library says which library of --from is meant");
    }
    Optional<Installed> before = installer.find(alias);
    if (before.isPresent() && from == null) {
      out().printf("already installed: %s%n", line(before.get()));
      return CommandLine.ExitCode.OK;
    }
    PluginInstaller.Result result;
    if (from != null) {
      result = installer.install(alias, from, library);
    } else {
      requireLinux(alias);
      KnownPlugin plugin = known.orElseThrow();
      out().printf("fetching %s with pip ...%n", plugin.requirement());
      out().flush();
      result = installer.install(plugin);
    }
    out().printf("installed: %s%n", line(result.plugin()));
    out().printf("  SHA-256 of the wheel: %s%n", result.sha256());
    showLicence(result);
    out().printf("use it as --device pjrt:%s%n", alias);
    return CommandLine.ExitCode.OK;
  }

  private static void requireLinux(String alias) {
    String system = System.getProperty("os.name", "");
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    if (!system.equals("Linux") || !(machine.equals("amd64") || machine.equals("x86_64"))) {
      throw new PluginException(
          "the plug-in %s is made for Linux on x86-64, this is %s on %s"
              .formatted(alias, system, machine));
    }
  }

  private void showLicence(PluginInstaller.Result result) {
    out().printf("  licence: %s%n", result.licence());
    for (Path file : result.licenceFiles()) {
      out().printf("  licence text: %s%n", file);
    }
    if (!result.licenceFiles().isEmpty()) {
      try {
        new String(Files.readAllBytes(result.licenceFiles().getFirst()), StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .limit(3)
            .forEach(line -> out().printf("    | %s%n", line));
      } catch (IOException e) {
        throw new PluginException("the licence cannot be read: " + e.getMessage(), e);
      }
    }
  }

  @Command(
      name = "list",
      description = "Lists what is installed and what can be.",
      mixinStandardHelpOptions = true)
  int list() {
    List<Installed> installed = plugins.installed();
    out().printf("installed in %s%n", plugins.root());
    installed.forEach(plugin -> out().printf("  %s%n", line(plugin)));
    if (installed.isEmpty()) {
      out().println("  none");
    }
    out().println("known");
    for (KnownPlugin plugin : KnownPlugin.values()) {
      out().printf("  %-14s %s (%s)%n", plugin.alias(), plugin.description(), plugin.requirement());
    }
    return CommandLine.ExitCode.OK;
  }

  @Command(
      name = "remove",
      description = "Removes an installed plug-in.",
      mixinStandardHelpOptions = true)
  int remove(@Parameters(paramLabel = "ALIAS", description = "Which.") String alias) {
    if (!installer.remove(alias)) {
      throw new PluginException(
          "there is no plug-in \"%s\" in %s; installed: %s"
              .formatted(
                  alias,
                  plugins.root(),
                  plugins.installed().stream().map(Installed::alias).toList()));
    }
    out().printf("removed: %s%n", alias);
    return CommandLine.ExitCode.OK;
  }

  private static String line(Installed plugin) {
    return "%-14s %s  %s".formatted(plugin.alias(), plugin.version(), plugin.library());
  }

  private int usage(String message) {
    spec.commandLine().getErr().println("error: " + message);
    return CommandLine.ExitCode.USAGE;
  }
}
