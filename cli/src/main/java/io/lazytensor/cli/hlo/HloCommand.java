package io.lazytensor.cli.hlo;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloModule;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads, checks, converts, compares and runs HLO modules. */
@Command(
    name = "hlo",
    description = "Reads, checks, converts, compares and runs HLO modules.",
    mixinStandardHelpOptions = true,
    subcommands = {io.lazytensor.cli.run.HloRun.class, CommandLine.HelpCommand.class},
    footer = {
      "",
      "FILE is HLO text, a serialized HloModuleProto, or an HloProto or HloSnapshot with one; its"
          + " content decides."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
public final class HloCommand implements Runnable {
  @Spec CommandSpec spec;

  /** Creates the command. */
  public HloCommand() {}

  @Override
  public void run() {
    spec.commandLine().usage(out());
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(name = "print", description = "Prints a module.", mixinStandardHelpOptions = true)
  int print(
      @Parameters(paramLabel = "FILE", description = "The module.") Path file,
      @Option(
              names = "--format",
              defaultValue = "text",
              description = "text or stablehlo; default ${DEFAULT-VALUE}.")
          ModuleFormat format)
      throws IOException {
    if (format == ModuleFormat.PROTO) {
      return usage("print writes text; \"hlo convert\" writes protos");
    }
    String text =
        new String(ModuleFiles.encode(ModuleFiles.read(file), format), StandardCharsets.UTF_8);
    out().print(text);
    if (!text.endsWith("\n")) {
      out().println();
    }
    out().flush();
    return CommandLine.ExitCode.OK;
  }

  @Command(
      name = "verify",
      description = "Checks a module: exit code 0 if XLA would take it, 1 with the reason if not.",
      mixinStandardHelpOptions = true)
  int verify(@Parameters(paramLabel = "FILE", description = "The module.") Path file)
      throws IOException {
    HloModule module = ModuleFiles.read(file);
    HloVerifier.verify(module);
    ModuleStatistics statistics = ModuleStatistics.of(module);
    out()
        .printf(
            "ok: %s, %d instructions in %d computations%n",
            module.name(), statistics.instructions(), statistics.computations());
    return CommandLine.ExitCode.OK;
  }

  @Command(
      name = "convert",
      description = "Checks a module and writes it in another format.",
      mixinStandardHelpOptions = true)
  int convert(
      @Parameters(index = "0", paramLabel = "IN", description = "The module.") Path in,
      @Parameters(index = "1", paramLabel = "OUT", description = "The file to write.") Path target,
      @Option(
              names = "--to",
              paramLabel = "FORMAT",
              description =
                  "text, proto or stablehlo; by OUT's extension if not given (.txt and .hlo text, .pb"
                      + " proto, .mlir stablehlo).")
          @Nullable ModuleFormat to)
      throws IOException {
    Optional<ModuleFormat> format =
        Optional.ofNullable(to).or(() -> ModuleFormat.ofExtension(target));
    if (format.isEmpty()) {
      return usage(
          "the extension of %s says no format; give one with --to text, proto or stablehlo"
              .formatted(target));
    }
    HloModule module = ModuleFiles.read(in);
    HloVerifier.verify(module);
    byte[] content = ModuleFiles.encode(module, format.get());
    Files.write(target, content);
    out().printf("wrote %s as %s, %d bytes%n", target, format.get(), content.length);
    return CommandLine.ExitCode.OK;
  }

  @Command(
      name = "diff",
      description = {
        "Compares two modules: exit code 0 if they compute the same graph, 1 with the first"
            + " difference if not.",
        "Names and source lines do not count."
      },
      mixinStandardHelpOptions = true)
  int diff(
      @Parameters(index = "0", paramLabel = "A", description = "One module.") Path a,
      @Parameters(index = "1", paramLabel = "B", description = "The other.") Path b)
      throws IOException {
    Optional<String> difference = ModuleDifference.first(ModuleFiles.read(a), ModuleFiles.read(b));
    out().println(difference.orElse("same"));
    return difference.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  @Command(
      name = "stats",
      description = "Counts a module's instructions, types, bytes and products.",
      mixinStandardHelpOptions = true)
  int stats(@Parameters(paramLabel = "FILE", description = "The module.") Path file)
      throws IOException {
    ModuleStatistics.of(ModuleFiles.read(file)).print(out());
    return CommandLine.ExitCode.OK;
  }

  private int usage(String message) {
    spec.commandLine().getErr().println("error: " + message);
    return CommandLine.ExitCode.USAGE;
  }
}
