package io.lazytensor.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * Runs a training program. Programs are tools whose name starts with {@code train-}; they bring
 * their own options.
 */
@Command(
    name = "train",
    description = "Trains an example; lists them without a name.",
    customSynopsis = "lazytensor train NAME [OPTIONS]",
    footer = {"", "\"lazytensor train NAME --help\" shows the options of one."})
@SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
final class Train implements Callable<Integer> {
  private static final String PREFIX = "train-";

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "What to train.")
  @Nullable String name;

  @Unmatched List<String> rest = new ArrayList<>();

  @Spec CommandSpec spec;

  static Map<String, ToolProvider> programs() {
    Map<String, ToolProvider> out = new TreeMap<>();
    for (ToolProvider tool : ServiceLoader.load(ToolProvider.class)) {
      if (tool.name().startsWith(PREFIX)) {
        out.put(tool.name().substring(PREFIX.length()), tool);
      }
    }
    return out;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, ToolProvider> programs = programs();
    if (name == null || name.equals("--help") || name.equals("-h")) {
      spec.commandLine().usage(out);
      out.println();
      programs.forEach(
          (program, tool) -> out.printf("  %-12s %s%n", program, tool.description().orElse("")));
      return CommandLine.ExitCode.OK;
    }
    ToolProvider program = programs.get(name);
    if (program == null) {
      spec.commandLine()
          .getErr()
          .printf(
              "error: there is no training program \"%s\"; known: %s%n", name, programs.keySet());
      return CommandLine.ExitCode.USAGE;
    }
    return program.run(out, spec.commandLine().getErr(), rest.toArray(String[]::new));
  }
}
