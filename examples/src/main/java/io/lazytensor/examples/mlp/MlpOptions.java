package io.lazytensor.examples.mlp;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of {@link TrainMlp}. */
@Command(
    name = "lazytensor train mlp",
    versionProvider = MlpOptions.Version.class,
    description = "Trains a perceptron 784-512-256-10 on Fashion-MNIST.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false)
@SuppressWarnings("NullAway.Init") // picocli sets options and spec before it calls
final class MlpOptions implements Callable<Integer> {
  /** Reads the version from the manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = MlpOptions.class.getPackage().getImplementationVersion();
      return new String[] {"lazytensor " + (version == null ? "(not packaged)" : version)};
    }
  }

  /** Optimizers to choose from. */
  enum OptimizerName {
    sgd,
    adamw
  }

  @Option(names = "--device", defaultValue = "cpu", description = "Device name.")
  String device;

  @Option(names = "--epochs", defaultValue = "10", description = "Passes over the data.")
  int epochs;

  @Option(names = "--batch-size", defaultValue = "128", description = "Images in a batch.")
  int batchSize;

  @Option(
      names = "--optimizer",
      defaultValue = "sgd",
      description = "One of ${COMPLETION-CANDIDATES}: SGD with momentum 0.9, or AdamW.")
  OptimizerName optimizer;

  @Option(
      names = "--learning-rate",
      description = "Learning rate; 0.1 for sgd and 0.001 for adamw if not given.")
  @Nullable Double learningRate;

  @Option(names = "--seed", defaultValue = "42", description = "Seed of weights and shuffling.")
  long seed;

  @Option(names = "--max-steps", description = "Stop after so many steps.")
  @Nullable Long maxSteps;

  @Option(
      names = "--output",
      defaultValue = "runs/mlp",
      description = "Folder for metrics.jsonl, model.pt, report.html and training-state.pt.")
  Path output;

  @Option(
      names = "--save-every",
      defaultValue = "0",
      description = "Steps from one training-state.pt to the next; 0: at the end of each epoch.")
  long saveEvery;

  @Option(
      names = "--resume",
      description = "Go on from the training-state.pt of --output, if there is one.")
  boolean resume;

  @Option(
      names = "--stop-after",
      description = "Save and stop after this step, as if interrupted; --resume goes on.")
  @Nullable Long stopAfter;

  @Option(
      names = "--data",
      description = "Folder with the full IDX files; the shipped subset if not given.")
  @Nullable Path data;

  @Spec CommandSpec spec;

  private final PrintWriter out;

  MlpOptions(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    require(epochs >= 1, "--epochs", epochs, "at least 1");
    require(batchSize >= 1, "--batch-size", batchSize, "at least 1");
    require(maxSteps == null || maxSteps >= 1, "--max-steps", maxSteps, "at least 1");
    require(saveEvery >= 0, "--save-every", saveEvery, "at least 0");
    require(stopAfter == null || stopAfter >= 1, "--stop-after", stopAfter, "at least 1");
    require(
        learningRate == null || (learningRate >= 0 && Double.isFinite(learningRate)),
        "--learning-rate",
        learningRate,
        "a number from 0 on");
    new MlpRun(this, out).train();
    return CommandLine.ExitCode.OK;
  }

  /** Refuses an option as wrong usage unless the condition holds. */
  void require(boolean holds, String option, @Nullable Object got, String expected) {
    if (!holds) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), option + " must be " + expected + ", got " + got);
    }
  }

  double rate() {
    return learningRate != null ? learningRate : optimizer == OptimizerName.sgd ? 0.1 : 1e-3;
  }
}
