package io.lazytensor.benchmarks;

import java.nio.file.FileSystemException;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** The command lines of programs that measure beside others. */
public final class Comparisons {
  private Comparisons() {}

  /** A number of rounds. */
  public static final class Rounds implements CommandLine.ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      if (!value.matches("[1-9][0-9]{0,3}")) {
        throw new CommandLine.TypeConversionException(
            "expected a number from 1 to 9999, got \"" + value + "\"");
      }
      return Integer.parseInt(value);
    }
  }

  /** Runs a command and ends the process: with 2 for wrong usage, with 1 for a failure. */
  public static void main(Callable<Integer> command, String... arguments) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec()
        .addOption(
            CommandLine.Model.OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this.")
                .build());
    line.setUsageHelpAutoWidth(true);
    line.setParameterExceptionHandler((wrong, given) -> {
      System.err.println("error: " + wrong.getMessage());
      line.usage(System.err);
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((failure, failed, parsed) -> {
      // The message of these is the file alone.
      boolean bare = failure instanceof FileSystemException;
      System.err.println("error: " + (bare ? failure : failure.getMessage()));
      return CommandLine.ExitCode.SOFTWARE;
    });
    int code = line.execute(arguments);
    if (code != CommandLine.ExitCode.OK) {
      System.exit(code);
    }
  }
}
