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
import io.lazytensor.checkpoint.TrainingState;
import io.lazytensor.data.DataLoader;
import io.lazytensor.data.Epoch;
import io.lazytensor.data.Tail;
import io.lazytensor.nn.Reduction;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.optim.Schedules;
import io.lazytensor.trainer.MetricsLog;
import io.lazytensor.trainer.ProgressBar;
import io.lazytensor.trainer.RunReport;
import io.lazytensor.xla.ir.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** One training run: the loop, and what it writes. */
final class MlpRun {
  private final MlpOptions options;
  private final PrintWriter out;

  MlpRun(MlpOptions options, PrintWriter out) {
    this.options = options;
    this.out = out;
  }

  /** Metrics of the test images. */
  private record Evaluation(double accuracy, double loss) {
    SequencedMap<String, Double> values() {
      SequencedMap<String, Double> values = new LinkedHashMap<>();
      values.put("accuracy", accuracy);
      values.put("loss", loss);
      return values;
    }
  }

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
    try (Device device = Device.open(options.device)) {
      out.printf(
          "training on %s (%s): %,d images, %,d for tests%n",
          device.name(), device.engine(), training.count(), test.count());
      train(device, training, test, start);
    }
  }

  private void train(Device device, FashionMnist training, FashionMnist test, long start)
      throws IOException {
    Mlp model = device.initialize(Mlp.create(), Seed.of(options.seed));
    try (DataLoader<ImageBatch> batches =
        ImageBatch.loader(device, training.images(), options.batchSize)
            .shuffle(Seed.of(options.seed))
            .build()) {
      long planned = options.epochs * batches.batchesPerEpoch();
      long steps = options.maxSteps == null ? planned : Math.min(planned, options.maxSteps);
      Optimizer optimizer = optimizer(model, steps);
      TrainingState state = TrainingState.of(model, optimizer, batches, device);
      if (options.resume) {
        resume(state, optimizer);
      }
      Path log = options.output.resolve("metrics.jsonl");
      try (MetricsLog metrics =
          options.resume ? MetricsLog.resume(log, optimizer.steps()) : MetricsLog.create(log)) {
        Evaluator evaluator = new Evaluator(device, model, test);
        Loop loop = new Loop(device, model, optimizer, batches, state, evaluator, metrics);
        Optional<Evaluation> last = loop.run(steps);
        if (last.isPresent()) {
          double seconds = (System.nanoTime() - start) * 1e-9;
          out.println(batches.statistics());
          finish(device, model, metrics, last.get(), optimizer.steps(), seconds);
        }
      }
    }
  }

  private Path checkpoint() {
    return options.output.resolve("training-state.pt");
  }

  private void resume(TrainingState state, Optimizer optimizer) {
    if (Files.exists(checkpoint())) {
      state.restore(checkpoint());
      out.printf("resuming after step %d%n", optimizer.steps());
    } else {
      out.printf("there is no %s to resume; starting anew%n", checkpoint());
    }
  }

  /** The rounds of one process. */
  private final class Loop {
    private final Device device;
    private final Mlp model;
    private final Optimizer optimizer;
    private final DataLoader<ImageBatch> batches;
    private final TrainingState state;
    private final Evaluator evaluator;
    private final MetricsLog metrics;

    Loop(
        Device device,
        Mlp model,
        Optimizer optimizer,
        DataLoader<ImageBatch> batches,
        TrainingState state,
        Evaluator evaluator,
        MetricsLog metrics) {
      this.device = device;
      this.model = model;
      this.optimizer = optimizer;
      this.batches = batches;
      this.state = state;
      this.evaluator = evaluator;
      this.metrics = metrics;
    }

    /** Trains up to a step; returns the last evaluation, or nothing if stopped before. */
    Optional<Evaluation> run(long steps) {
      long first = optimizer.steps();
      ProgressBar progress = new ProgressBar(out, first, steps, options.batchSize, "images");
      // A run that was complete is evaluated once more, since its report is written again.
      Optional<Evaluation> evaluation =
          first >= steps ? Optional.of(evaluator.evaluate()) : Optional.empty();
      long done = first;
      for (Epoch<ImageBatch> epoch : batches.epochs(first < steps ? options.epochs : 0)) {
        for (ImageBatch batch : epoch) {
          done++;
          trainStep(device, model, optimizer, batch, new StepLog(metrics, progress, done));
          boolean epochEnds = done % batches.batchesPerEpoch() == 0;
          if (epochEnds || done == steps) {
            device.synchronize();
            evaluation = Optional.of(evaluate(done, progress));
          }
          boolean stops = done < steps && options.stopAfter != null && done == options.stopAfter;
          if (stops || (options.saveEvery == 0 ? epochEnds : done % options.saveEvery == 0)) {
            state.save(checkpoint());
          }
          if (stops) {
            progress.finish();
            out.printf("stopped after step %d; --resume goes on%n", done);
            return Optional.empty();
          }
          if (done == steps) {
            progress.finish();
            return evaluation;
          }
        }
      }
      progress.finish();
      return evaluation;
    }

    private Evaluation evaluate(long done, ProgressBar progress) {
      Evaluation evaluation = evaluator.evaluate();
      metrics.evaluation(done, "test", evaluation.values());
      progress.evaluated(Map.of("accuracy", evaluation.accuracy()));
      return evaluation;
    }
  }

  private Optimizer optimizer(Mlp model, long steps) {
    var schedule = Schedules.warmupLinear(options.rate(), Math.min(100, steps / 10), steps);
    return switch (options.optimizer) {
      case sgd -> SGD.builder(model.parameters()).momentum(0.9).learningRate(schedule).build();
      case adamw -> AdamW.builder(model.parameters()).learningRate(schedule).build();
    };
  }

  /** Where a step's loss goes once it is known. */
  private record StepLog(MetricsLog metrics, ProgressBar progress, long step) {
    void log(double loss, double learningRate) {
      if (!Double.isFinite(loss)) {
        progress.diverged(step, loss);
      }
      SequencedMap<String, Double> values = new LinkedHashMap<>();
      values.put("loss", loss);
      values.put("learning_rate", learningRate);
      metrics.step(step, values);
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
    private final DataLoader<ImageBatch> batches;
    private final int count;
    private final State right;
    private final State loss;

    Evaluator(Device device, Mlp model, FashionMnist test) {
      this.device = device;
      this.model = model;
      this.count = test.count();
      this.batches =
          ImageBatch.loader(device, test.images(), options.batchSize).tail(Tail.PAD).build();
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
        options.output.resolve("report.html"),
        "Fashion-MNIST MLP",
        metrics,
        report,
        RunReport.noFacts(),
        result);
    out.println("wrote metrics.jsonl, model.pt and report.html to " + options.output);
    out.println(result);
    out.flush();
  }
}
