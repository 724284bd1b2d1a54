package io.lazytensor.benchmarks;

import static io.lazytensor.nn.F.crossEntropy;
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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Training steps of 784-512-256-10 on a batch of 128 that is on the device. */
@State(Scope.Thread)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class StepBenchmark {
  /** Creates the benchmark; JMH does. */
  public StepBenchmark() {}

  record Mlp(Linear fc1, Linear fc2, Linear fc3) implements Layer {
    static Mlp create() {
      return new Mlp(Linear.of(784, 512), Linear.of(512, 256), Linear.of(256, 10));
    }

    Tensor forward(Tensor x) {
      return fc3.forward(F.relu(fc2.forward(F.relu(fc1.forward(x)))));
    }
  }

  @Param({"sgd", "adamw"})
  String optimizer;

  private Device device;
  private Mlp model;
  private Optimizer chosen;
  private Input x;
  private Input y;

  /** Opens the device and the model. */
  @Setup(Level.Trial)
  public void open() {
    device = Device.open("cpu-reference");
    model = device.initialize(Mlp.create(), Seed.of(1));
    chosen =
        optimizer.equals("sgd")
            ? SGD.builder(model.parameters()).learningRate(0.01).momentum(0.9).build()
            : AdamW.builder(model.parameters()).learningRate(1e-3).build();
    Random random = new Random(1);
    float[] pixels = new float[128 * 784];
    int[] labels = new int[128];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(10);
    }
    try (Step step = device.evaluationStep("keep")) {
      x = step.keep(device.tensor(pixels, 128, 784));
      y = step.keep(device.tensor(labels, 128));
      step.markStep();
    }
  }

  /** Closes the device. */
  @TearDown(Level.Trial)
  public void close() {
    device.close();
  }

  /** One step, cut and handed over; the device is at most two steps behind. */
  @Benchmark
  public void mlpStep() {
    try (Step step = device.trainingStep("train")) {
      Tensor loss = crossEntropy(model.forward(x), y);
      chosen.step(gradients(loss, model));
      step.markStep();
    }
  }
}
