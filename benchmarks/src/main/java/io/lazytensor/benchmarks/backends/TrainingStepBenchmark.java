package io.lazytensor.benchmarks.backends;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.relu;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.Input;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
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

/** A training step of 784-512-256-10 with AdamW on a batch of 128, until its loss is known. */
@State(Scope.Thread)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class TrainingStepBenchmark {
  private static final int BATCH = 128;
  private static final int PIXELS = 784;
  private static final int CLASSES = 10;

  record Mlp(Linear fc1, Linear fc2, Linear fc3) implements Layer {
    Tensor forward(Tensor x) {
      return fc3.forward(relu(fc2.forward(relu(fc1.forward(x)))));
    }
  }

  /** The device. */
  @Param("cpu-reference")
  public String device;

  private Device opened;
  private Mlp model;
  private Optimizer optimizer;
  private Input x;
  private Input y;

  /** Creates the benchmark; JMH does. */
  public TrainingStepBenchmark() {}

  /** Opens the device and the model. */
  @Setup(Level.Trial)
  public void open() {
    opened = Device.open(device);
    model =
        opened.initialize(
            new Mlp(Linear.of(PIXELS, 512), Linear.of(512, 256), Linear.of(256, CLASSES)),
            Seed.of(1));
    optimizer = AdamW.builder(model.parameters()).learningRate(1e-3).build();
    Random random = new Random(1);
    float[] pixels = new float[BATCH * PIXELS];
    int[] labels = new int[BATCH];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(CLASSES);
    }
    try (Step step = opened.evaluationStep("keep")) {
      x = step.keep(opened.tensor(pixels, BATCH, PIXELS));
      y = step.keep(opened.tensor(labels, BATCH));
      step.markStep();
    }
  }

  /** Closes the device. */
  @TearDown(Level.Trial)
  public void close() {
    opened.close();
  }

  /** One step. */
  @Benchmark
  public float step() {
    Fetch<Float> known;
    try (Step step = opened.trainingStep("train")) {
      Tensor loss = crossEntropy(model.forward(x), y);
      optimizer.step(gradients(loss, model));
      known = step.fetchFloat(loss);
      step.markStep();
    }
    return known.get();
  }
}
