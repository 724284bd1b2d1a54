package io.lazytensor.benchmarks.backends;

import io.lazytensor.benchmarks.Comparisons;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures devices against each other, prints a table and writes a page. */
@Command(
    name = "lazytensor benchmark backends",
    description =
        "Compares devices on a training step, single operations and the cost of an execution.",
    showDefaultValues = true,
    sortOptions = false)
@SuppressWarnings("NullAway.Init") // picocli sets options before it calls
public final class BackendComparison implements Callable<Integer> {
  private static final String EVALUATOR = "evaluator";

  @Option(
      names = "--devices",
      split = ",",
      paramLabel = "A,B,...",
      defaultValue = "cpu-reference,pjrt:xla-cpu," + EVALUATOR)
  private List<String> devices;

  @Option(
      names = "--output",
      defaultValue = "runs/benchmark",
      description = "Where backends.html goes.")
  private Path output;

  @Option(names = "--quick", description = "Short and imprecise, to see that everything works.")
  private boolean quick;

  private final List<Measurement> measurements = new ArrayList<>();

  private BackendComparison() {}

  /** Runs the comparison; wrong usage ends with exit code 2, a failure with 1. */
  public static void main(String[] arguments) {
    Comparisons.main(new BackendComparison(), arguments);
  }

  @Override
  public Integer call() throws RunnerException, IOException {
    List<String> engines = new ArrayList<>();
    List<String> available = new ArrayList<>();
    for (String device : devices) {
      try (Backend backend = Backends.open(device).backend()) {
        engines.add(device + " = " + backend.engine());
        available.add(device);
      } catch (LazyTensorException e) {
        System.err.printf("left out %s: %s%n", device, e.getMessage());
      }
    }
    List<String> fast = available.stream().filter(device -> !device.equals(EVALUATOR)).toList();
    if (!fast.isEmpty()) {
      measure(TrainingStepBenchmark.class, fast, List.of());
      measure(OperationBenchmark.class, fast, List.of(Workload.values()));
    }
    if (available.contains(EVALUATOR)) {
      List<Workload> small =
          Arrays.stream(Workload.values()).filter(Workload::isEvaluated).toList();
      measure(OperationBenchmark.class, List.of(EVALUATOR), small);
    }
    ComparisonTable table = new ComparisonTable(available, measurements);
    table.print(System.out);
    Files.createDirectories(output);
    Path page = output.resolve("backends.html");
    String machine =
        "%s, %d processors, Java %s; %s"
            .formatted(
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                String.join("; ", engines));
    ComparisonPage.write(page, table, machine);
    System.out.printf("%n%s%npage: %s%n", machine, page);
    return CommandLine.ExitCode.OK;
  }

  private void measure(Class<?> benchmark, List<String> on, List<Workload> workloads)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\b" + benchmark.getSimpleName() + "\\b")
            .param("device", on.toArray(String[]::new))
            .shouldFailOnError(true);
    if (!workloads.isEmpty()) {
      options.param("workload", workloads.stream().map(Workload::name).toArray(String[]::new));
    }
    if (quick) {
      options
          .warmupIterations(1)
          .warmupTime(TimeValue.milliseconds(100))
          .measurementIterations(1)
          .measurementTime(TimeValue.milliseconds(200));
    }
    add(new Runner(options.build()).run());
  }

  private void add(Collection<RunResult> results) {
    for (RunResult result : results) {
      Result<?> primary = result.getPrimaryResult();
      String workload = result.getParams().getParam("workload");
      String title =
          workload == null
              ? "training step, MLP 784-512-256-10, AdamW, batch 128"
              : Workload.valueOf(workload).title();
      measurements.add(
          new Measurement(
              title,
              result.getParams().getParam("device"),
              primary.getScore(),
              primary.getScoreError()));
    }
  }
}
