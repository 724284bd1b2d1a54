package io.lazytensor.cli.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs case folders on a device. */
@Command(
    name = "run",
    description = "Runs case folders on a device, all in one process.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A case folder holds module.hlo.pb or module.txt, in_0.npy … for the parameters, and case.json."
          + " Results are out_0.npy …, or error.txt, whose first line says why and begins with"
          + " UNSUPPORTED where something is not implemented. docs/commands.md has the details."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
public final class HloRun implements Callable<Integer> {
  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "Any device: evaluator, cpu, pjrt:xla-cpu, …")
  @Nullable String device;

  @Option(
      names = "--verify-only",
      description =
          "Runs nothing: error.txt for a module that is refused, an empty accepted.txt for one that"
              + " is not.")
  boolean verifyOnly;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "How long a case may take; 0 for no limit. Default ${DEFAULT-VALUE}.")
  int timeout;

  @Option(
      names = "--isolate",
      paramLabel = "N",
      description = "Runs every N cases in a process of their own, so that a crash costs one.")
  int isolate;

  @Option(names = "--verbose", description = "Prints a line for each case.")
  boolean verbose;

  @Parameters(
      paramLabel = "CASE_DIR",
      arity = "1..*",
      description = "Case folders; @FILE stands for a list of them, one a line.")
  List<String> arguments;

  @Spec CommandSpec spec;

  /** Creates the command. */
  public HloRun() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (timeout < 0 || isolate < 0) {
      return usage("--timeout and --isolate are numbers from 0");
    }
    String name = device == null ? "" : device;
    if (name.isEmpty() && !verifyOnly) {
      return usage("where to run? Give a device with --device, or --verify-only");
    }
    List<Path> folders = folders();
    Tally tally = new Tally(out, verbose);
    if (verifyOnly) {
      new CaseBatch((folder, _) -> CaseRunner.verify(folder), true, timeout, err)
          .run(folders, tally);
    } else if (isolate > 0) {
      List<String> options = List.of("--device", name, "--timeout", Integer.toString(timeout));
      new IsolatedBatch(IsolatedBatch.command(options), isolate, err).run(folders, tally);
    } else {
      run(name, folders, tally);
    }
    out.println(tally.result());
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private void run(String name, List<Path> folders, Tally tally) {
    Devices devices = Devices.open(name);
    CaseBatch batch =
        new CaseBatch(new CaseRunner(devices)::run, false, timeout, spec.commandLine().getErr());
    try {
      spec.commandLine().getOut().printf("device %s: %s%n", name, devices.engine());
      batch.run(folders, tally);
    } finally {
      // Closing waits for what runs on the device, and a case given up on may run for ever.
      if (!batch.gaveUp()) {
        devices.close();
      }
    }
  }

  private List<Path> folders() throws IOException {
    List<Path> out = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.startsWith("@")) {
        for (String line : Files.readAllLines(Path.of(argument.substring(1)))) {
          if (!line.isBlank()) {
            out.add(Path.of(line.strip()));
          }
        }
      } else {
        out.add(Path.of(argument));
      }
    }
    return out;
  }

  private int usage(String message) {
    spec.commandLine().getErr().println("error: " + message);
    return CommandLine.ExitCode.USAGE;
  }
}
