package io.lazytensor.benchmarks.backends;

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
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures devices against each other, prints a table and writes a page. */
public final class BackendComparison {
  private static final String EVALUATOR = "evaluator";
  private static final String USAGE =
      """
      Usage: lazytensor benchmark backends [--devices A,B,…] [--output FOLDER] [--quick]
      Compares devices on a training step, single operations and the cost of an execution.
        --devices  default cpu-reference,pjrt:xla-cpu,evaluator
        --output   where backends.html goes, default runs/benchmark
        --quick    short and imprecise, to see that everything works
      """;

  private List<String> devices = List.of("cpu-reference", "pjrt:xla-cpu", EVALUATOR);
  private Path output = Path.of("runs", "benchmark");
  private boolean quick;
  private final List<Measurement> measurements = new ArrayList<>();

  private BackendComparison() {}

  /** Runs the comparison; wrong usage ends with exit code 2, a failure with 1. */
  public static void main(String[] arguments) {
    BackendComparison comparison = new BackendComparison();
    if (Arrays.asList(arguments).contains("--help") || Arrays.asList(arguments).contains("-h")) {
      System.out.print(USAGE);
      return;
    }
    if (!comparison.parse(arguments)) {
      System.err.print(USAGE);
      System.exit(2);
    }
    try {
      comparison.run();
    } catch (LazyTensorException | RunnerException | IOException e) {
      System.err.println("error: " + e.getMessage());
      System.exit(1);
    }
  }

  private boolean parse(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--quick" -> quick = true;
        case "--devices" -> {
          if (++i == arguments.length) {
            return complain("--devices takes a list");
          }
          devices = List.of(arguments[i].split(",", -1));
        }
        case "--output" -> {
          if (++i == arguments.length) {
            return complain("--output takes a folder");
          }
          output = Path.of(arguments[i]);
        }
        default -> {
          return complain("unknown argument \"" + arguments[i] + "\"");
        }
      }
    }
    return true;
  }

  private static boolean complain(String what) {
    System.err.println("error: " + what);
    return false;
  }

  private void run() throws RunnerException, IOException {
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
