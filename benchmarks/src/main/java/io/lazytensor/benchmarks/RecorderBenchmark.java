package io.lazytensor.benchmarks;

import static io.lazytensor.nn.F.gradients;

import io.lazytensor.Device;
import io.lazytensor.Input;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.F;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Recording on a device that does nothing. */
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class RecorderBenchmark {
  /** Creates the benchmark; JMH does. */
  public RecorderBenchmark() {}

  record Tiny(Linear fc1, Linear fc2) implements Layer {
    static Tiny create() {
      return new Tiny(Linear.of(32, 64), Linear.of(64, 1));
    }

    Tensor forward(Tensor x) {
      return fc2.forward(F.relu(fc1.forward(x)));
    }
  }

  private Device device;
  private Tiny tiny;
  private Optimizer tinyOptimizer;
  private Input x;
  private Input y;
  private BertShape bert;
  private Optimizer bertOptimizer;
  private Input tokens;
  private int fresh;

  /** Opens the device and its models. */
  @Setup(Level.Trial)
  public void open() {
    device = Device.on(new IdleBackend());
    tiny = device.initialize(Tiny.create(), Seed.of(1));
    tinyOptimizer = SGD.builder(tiny.parameters()).learningRate(0.1).build();
    x = device.tensor(new float[32 * 32], 32, 32);
    y = device.tensor(new float[32], 32, 1);
    bert = device.initialize(BertShape.create(), Seed.of(1));
    bertOptimizer = AdamW.builder(bert.parameters()).learningRate(1e-3).build();
    tokens = device.tensor(new float[2 * 8 * 24], 2, 8, 24);
  }

  /** Closes the device. */
  @TearDown(Level.Trial)
  public void close() {
    device.close();
  }

  /** A repeated step of 32-64-1, batch 32: forward, backward, SGD, cut, hand-over. */
  @Benchmark
  public void tinyStepRepeated() {
    try (Step step = device.trainingStep("tiny")) {
      Tensor loss = F.mse(tiny.forward(x), y);
      tinyOptimizer.step(gradients(loss, tiny));
      step.markStep();
    }
  }

  /** One call of a repeated step: the square of a square of …, 1,000 deep, divided by 1,000. */
  @Benchmark
  @org.openjdk.jmh.annotations.OperationsPerInvocation(1000)
  public void repeatedCall() {
    try (Step step = device.evaluationStep("calls")) {
      Tensor value = x;
      for (int i = 0; i < 1000; i++) {
        value = value.add(y);
      }
      step.markStep();
    }
  }

  /** A repeated BERT-base-shaped step: forward, backward, AdamW, cut. */
  @Benchmark
  public void bertStepRepeated() {
    bertStep("bert");
  }

  /** The recording alone, without cut and hand-over. */
  @Benchmark
  public void bertRecordingRepeated() {
    try (Step step = device.trainingStep("bert")) {
      Tensor loss = bert.loss(tokens);
      bertOptimizer.step(gradients(loss, bert));
      step.discard();
    }
  }

  /** The same recorded for the first time under a new name, its graph known already. */
  @Benchmark
  public void bertStepNew() {
    bertStep("bert " + fresh++);
  }

  private void bertStep(String name) {
    try (Step step = device.trainingStep(name)) {
      Tensor loss = bert.loss(tokens);
      bertOptimizer.step(gradients(loss, bert));
      step.markStep();
    }
  }
}
