package io.lazytensor.cli;

import io.lazytensor.checkpoint.Checkpoint;
import io.lazytensor.checkpoint.CheckpointFormat;
import io.lazytensor.checkpoint.Checkpoints;
import io.lazytensor.checkpoint.SaveOptions;
import io.lazytensor.xla.ir.LazyTensorException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows, checks, converts and compares checkpoints, files and folders. */
@Command(
    name = "checkpoint",
    description = "Shows, checks, converts and compares checkpoints.",
    mixinStandardHelpOptions = true,
    subcommands = {
      CheckpointCommand.Inspect.class,
      CheckpointCommand.Verify.class,
      CheckpointCommand.Convert.class,
      CheckpointCommand.Diff.class
    })
@SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
final class CheckpointCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return CommandLine.ExitCode.OK;
  }

  /** What is done with one file of several. */
  private interface FileAction {
    void run(Path file);
  }

  /** What is done with the message of a file that fails. */
  private interface Failure {
    void tell(Path file, String message);
  }

  /** One bad file never stops the rest. */
  private static int each(List<Path> files, FileAction action, Failure failure) {
    int code = CommandLine.ExitCode.OK;
    for (Path file : files) {
      try {
        action.run(file);
      } catch (LazyTensorException e) {
        failure.tell(file, String.valueOf(e.getMessage()));
        code = CommandLine.ExitCode.SOFTWARE;
      }
    }
    return code;
  }

  /** Shows what checkpoints hold. */
  @Command(
      name = "inspect",
      description = "Shows the tensors and values of checkpoints.",
      mixinStandardHelpOptions = true)
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  static final class Inspect implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Checkpoint files and folders.")
    List<Path> files;

    @Option(
        names = "--json",
        description = "Print one JSON object a file and line, with the SHA-256 of every tensor.")
    boolean json;

    @Spec CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      PrintWriter err = spec.commandLine().getErr();
      return json
          ? each(
              files,
              file -> out.println(CheckpointReport.json(file)),
              (file, message) -> out.println(CheckpointReport.jsonError(file, message)))
          : each(
              files,
              file -> CheckpointReport.table(file).forEach(out::println),
              (file, message) -> err.println("error: " + message));
    }
  }

  /** Checks files against their checksums. */
  @Command(
      name = "verify",
      description = "Checks structure and checksums of checkpoints.",
      mixinStandardHelpOptions = true)
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  static final class Verify implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Checkpoint files and folders.")
    List<Path> files;

    @Spec CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      PrintWriter err = spec.commandLine().getErr();
      return each(
          files,
          file -> {
            int checksums = Checkpoints.verify(file);
            out.printf(
                "%s: good%s%n",
                file,
                checksums == 0 ? ", without checksums" : ", " + checksums + " checksums compared");
          },
          (file, message) -> err.println("error: " + message));
    }
  }

  /** The formats of {@code --to}. */
  static final class WritableFormats implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(CheckpointFormat.values())
          .filter(CheckpointFormat::isWritable)
          .map(CheckpointFormat::label)
          .iterator();
    }
  }

  /** Writes a checkpoint in another format. */
  @Command(
      name = "convert",
      description = "Writes a checkpoint in another format.",
      mixinStandardHelpOptions = true)
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  static final class Convert implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "IN", description = "What to read.")
    Path in;

    @Parameters(index = "1", paramLabel = "OUT", description = "What to write.")
    Path target;

    @Option(
        names = "--to",
        completionCandidates = WritableFormats.class,
        description = "One of ${COMPLETION-CANDIDATES}; by the extension of OUT if not given.")
    @Nullable CheckpointFormat to;

    @Option(
        names = "--max-shard-size",
        paramLabel = "SIZE",
        defaultValue = "5GB",
        description = "The most one file of a folder gets, such as ${DEFAULT-VALUE} or 500MB.")
    String maxShardSize;

    @Spec CommandSpec spec;

    @Override
    public Integer call() {
      SaveOptions options = SaveOptions.maxShardSize(maxShardSize);
      Checkpoint source = Checkpoints.open(in);
      CheckpointFormat format = to == null ? CheckpointFormat.ofPath(target) : to;
      Checkpoints.save(target, new Checkpoint(format, source.tree(), source.metadata()), options);
      spec.commandLine().getOut().printf("wrote %s (%s)%n", target, format);
      return CommandLine.ExitCode.OK;
    }
  }

  /** Compares two checkpoints. */
  @Command(
      name = "diff",
      description = "Compares two checkpoints; ends with 1 if they differ.",
      mixinStandardHelpOptions = true)
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it calls
  static final class Diff implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "A", description = "A checkpoint.")
    Path first;

    @Parameters(index = "1", paramLabel = "B", description = "Another one.")
    Path second;

    @Spec CommandSpec spec;

    @Override
    public Integer call() {
      List<String> differences =
          CheckpointReport.differences(Checkpoints.load(first), Checkpoints.load(second));
      PrintWriter out = spec.commandLine().getOut();
      differences.forEach(out::println);
      if (differences.isEmpty()) {
        out.println("no difference");
      }
      return differences.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
  }
}
