package io.lazytensor.examples.mlp;

import io.lazytensor.xla.ir.LazyTensorException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.spi.ToolProvider;
import picocli.CommandLine;

/** {@code lazytensor train mlp}: trains {@link Mlp} on Fashion-MNIST. */
public final class TrainMlp implements ToolProvider {
  /** Creates the program; the service loader does. */
  public TrainMlp() {}

  @Override
  public String name() {
    return "train-mlp";
  }

  @Override
  public Optional<String> description() {
    return Optional.of("a perceptron 784-512-256-10 on Fashion-MNIST");
  }

  @Override
  public int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = new CommandLine(new MlpOptions(out));
    line.setOut(out).setErr(err).setUsageHelpAutoWidth(true);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((failure, given) -> {
      err.println("error: " + failure.getMessage());
      err.println("\"lazytensor train mlp --help\" shows the options.");
      err.flush();
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((failure, command, parsed) -> {
      if (failure instanceof LazyTensorException) {
        err.println("error: " + failure.getMessage());
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
      }
      // What the run reads has its own exception, so this is about what it writes.
      if (failure instanceof IOException || failure instanceof UncheckedIOException) {
        err.println("error: cannot write to the folder of --output: " + failure);
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
      }
      throw failure;
    });
    int code = line.execute(args);
    out.flush();
    err.flush();
    return code;
  }
}
