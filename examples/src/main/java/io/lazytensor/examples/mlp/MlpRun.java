package io.lazytensor.examples.mlp;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gradients;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.Seed;
import io.lazytensor.State;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.checkpoint.Checkpoints;
import io.lazytensor.examples.run.MetricsLog;
import io.lazytensor.examples.run.ProgressBar;
import io.lazytensor.examples.run.RunReport;
import io.lazytensor.nn.Reduction;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.optim.Schedules;
import io.lazytensor.xla.ir.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/** One training run: the loop, and what it writes. */
final class MlpRun {
  private final MlpOptions options;
  private final PrintWriter out;

  MlpRun(MlpOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /** Metrics of the test images. */
  private record Evaluation(double accuracy, double loss) {}

  void train() throws IOException {
    long start = System.nanoTime();
    FashionMnist training =
        options.data == null ? FashionMnist.shippedTraining() : FashionMnist.training(options.data);
    FashionMnist test =
        options.data == null ? FashionMnist.shippedTest() : FashionMnist.test(options.data);
    options.require(
        options.batchSize <= training.count(),
        "--batch-size",
        options.batchSize,
        "at most %d, the number of training images".formatted(training.count()));
    Files.createDirectories(options.output);
    try (Device device = Device.open(options.device);
        MetricsLog metrics = new MetricsLog(options.output.resolve("metrics.jsonl"))) {
      out.printf(
          "training on %s (%s): %,d images, %,d for tests%n",
          device.name(), device.engine(), training.count(), test.count());
      train(device, training, test, metrics, start);
    }
  }

  private void train(
      Device device, FashionMnist training, FashionMnist test, MetricsLog metrics, long start)
      throws IOException {
    Mlp model = device.initialize(Mlp.create(), Seed.of(options.seed));
    int batches = training.count() / options.batchSize;
    long planned = (long) options.epochs * batches;
    long steps = options.maxSteps == null ? planned : Math.min(planned, options.maxSteps);
    Optimizer optimizer = optimizer(model, steps);
    ProgressBar progress = new ProgressBar(out, steps, options.batchSize);
    Evaluator evaluator = new Evaluator(device, model, test);
    Evaluation evaluation = new Evaluation(0, 0);
    long done = 0;
    for (int epoch = 0; epoch < options.epochs && done < steps; epoch++) {
      int[] order = shuffled(training.count(), epoch);
      for (int b = 0; b < batches && done < steps; b++) {
        ImageBatch batch =
            ImageBatch.of(device, training, order, b * options.batchSize, options.batchSize);
        done++;
        trainStep(device, model, optimizer, batch, new StepLog(metrics, progress, done));
      }
      device.synchronize();
      evaluation = evaluator.evaluate();
      metrics.evaluation(done, evaluation.accuracy(), evaluation.loss());
      progress.evaluated(evaluation.accuracy());
    }
    progress.finish();
    finish(device, model, metrics, evaluation, done, (System.nanoTime() - start) * 1e-9);
  }

  private Optimizer optimizer(Mlp model, long steps) {
    var schedule = Schedules.warmupLinear(options.rate(), Math.min(100, steps / 10), steps);
    return switch (options.optimizer) {
      case sgd -> SGD.builder(model.parameters()).momentum(0.9).learningRate(schedule).build();
      case adamw -> AdamW.builder(model.parameters()).learningRate(schedule).build();
    };
  }

  /** The last rows of an epoch that do not fill a batch wait for another epoch's order. */
  private int[] shuffled(int count, int epoch) {
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom").create(options.seed * 1_000_003 + epoch);
    int[] order = IntStream.range(0, count).toArray();
    for (int i = count - 1; i > 0; i--) {
      int k = random.nextInt(i + 1);
      int other = order[k];
      order[k] = order[i];
      order[i] = other;
    }
    return order;
  }

  /** Where a step's loss goes once it is known. */
  private record StepLog(MetricsLog metrics, ProgressBar progress, long step) {
    void log(double loss, double learningRate) {
      if (!Double.isFinite(loss)) {
        progress.diverged(step, loss);
      }
      metrics.step(step, loss, learningRate);
      progress.update(step, loss);
    }
  }

  private static void trainStep(
      Device device, Mlp model, Optimizer optimizer, ImageBatch batch, StepLog log) {
    double learningRate = optimizer.learningRate();
    try (Step step = device.trainingStep("train")) {
      Tensor loss = crossEntropy(model.forward(batch.x()), batch.y());
      optimizer.step(gradients(loss, model));
      Fetch<Float> value = step.fetchFloat(loss);
      step.onResult(value, known -> log.log(known, learningRate));
      step.markStep();
    }
  }

  /** Counts right answers and sums losses on the device; the host reads them once. */
  private final class Evaluator {
    private final Device device;
    private final Mlp model;
    private final List<ImageBatch> batches;
    private final int count;
    private final State right;
    private final State loss;

    Evaluator(Device device, Mlp model, FashionMnist test) {
      this.device = device;
      this.model = model;
      this.count = test.count();
      int[] order = IntStream.range(0, count).toArray();
      this.batches =
          IntStream.iterate(0, from -> from < count, from -> from + options.batchSize)
              .mapToObj(from -> ImageBatch.of(device, test, order, from, options.batchSize))
              .toList();
      this.right = device.initialize(State.zeros(), "right answers");
      this.loss = device.initialize(State.zeros(), "sum of losses");
    }

    Evaluation evaluate() {
      right.reset();
      loss.reset();
      for (ImageBatch batch : batches) {
        try (Step step = device.evaluationStep("evaluate")) {
          Tensor logits = model.forward(batch.x());
          Tensor hits = logits.argmax(1).eq(batch.y()).to(DType.F32).mul(batch.weight());
          Tensor losses = crossEntropy(logits, batch.y(), Reduction.NONE, -100, 0);
          right.assign(right.add(hits.sum()));
          loss.assign(loss.add(losses.mul(batch.weight()).sum()));
          step.markStep();
        }
      }
      return new Evaluation(scalar(right) / count, scalar(loss) / count);
    }

    private double scalar(State state) {
      return state.toFloats()[0];
    }
  }

  private void finish(
      Device device,
      Mlp model,
      MetricsLog metrics,
      Evaluation evaluation,
      long steps,
      double seconds)
      throws IOException {
    Checkpoints.save(options.output.resolve("model.pt"), model.stateDict());
    DeviceReport report = device.report();
    String result =
        String.format(
            Locale.ROOT,
            "result: accuracy=%.4f loss=%.4f steps=%d graphs=%d seconds=%.1f",
            evaluation.accuracy(),
            evaluation.loss(),
            steps,
            report.graphs(),
            seconds);
    RunReport.write(
        options.output.resolve("report.html"), "Fashion-MNIST MLP", metrics, report, result);
    out.println("wrote metrics.jsonl, model.pt and report.html to " + options.output);
    out.println(result);
    out.flush();
  }
}
