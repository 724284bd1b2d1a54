package io.lazytensor.cli;

import io.lazytensor.cli.hlo.HloCommand;
import io.lazytensor.cli.plugin.PluginCommand;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.JdkCheck;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of {@code bin/lazytensor}. */
@Command(
    name = "lazytensor",
    description = "Lazy-tensor training on the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      Train.class,
      CheckpointCommand.class,
      HloCommand.class,
      PluginCommand.class,
      Doctor.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "From a source tree also:",
      "  test [--full]        builds and runs the tests; --full adds the long campaigns",
      "  benchmark [pattern]  runs the JMH benchmarks whose names match",
      "  benchmark backends   compares devices and draws a page"
    })
final class Main {
  private Main() {}

  /** Reads the version from the manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "lazytensor " + (version == null ? "(not packaged)" : version),
        "Java " + Runtime.version() + " (" + System.getProperty("java.home") + ")"
      };
    }
  }

  /** Runs a command and ends the process with its exit code: 2 for wrong usage. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, args));
  }

  /** Returns a command set up as all of ours are: one message for a failure, and its exit code. */
  static CommandLine commandLine(Object command, PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(command);
    line.setOut(out).setErr(err).setUsageHelpAutoWidth(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    // hlo run reads lists of folders itself: their lines are names, not arguments.
    line.setExpandAtFiles(false);
    line.setExecutionExceptionHandler((failure, _, _) -> failed(failure, err));
    return line;
  }

  static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = commandLine(new Main(), out, err);
    line.setExecutionStrategy(parsed -> {
      boolean runs = parsed.hasSubcommand() && !parsed.subcommand().isUsageHelpRequested();
      if (runs && !(parsed.subcommand().commandSpec().userObject() instanceof Doctor)) {
        JdkCheck.require();
      }
      if (!parsed.hasSubcommand() && parsed.expandedArgs().isEmpty()) {
        line.usage(out);
        return CommandLine.ExitCode.OK;
      }
      return new CommandLine.RunLast().execute(parsed);
    });
    try {
      return line.execute(args);
    } catch (LazyTensorException | StackOverflowError | OutOfMemoryError e) {
      return failed(e, err);
    }
  }

  private static int failed(Throwable failure, PrintWriter err) {
    Failures.trace(failure, err);
    err.println("error: " + Failures.message(failure));
    return CommandLine.ExitCode.SOFTWARE;
  }
}
