package io.lazytensor.benchmarks;

import static io.lazytensor.nn.F.gradients;

import io.lazytensor.Device;
import io.lazytensor.Input;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Recording the first step of a JVM's life. */
@State(Scope.Thread)
@Fork(5)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class ColdRecorderBenchmark {
  /** Creates the benchmark; JMH does. */
  public ColdRecorderBenchmark() {}

  private Device device;
  private BertShape bert;
  private Optimizer optimizer;
  private Input tokens;

  /** Opens the device and the model. */
  @Setup
  public void open() {
    device = Device.on(new IdleBackend());
    bert = device.initialize(BertShape.create(), Seed.of(1));
    optimizer = AdamW.builder(bert.parameters()).learningRate(1e-3).build();
    tokens = device.tensor(new float[2 * 8 * 24], 2, 8, 24);
  }

  /** A BERT-base-shaped step up to the cut: forward, backward, AdamW. */
  @Benchmark
  public void bertRecordingCold() {
    try (Step step = device.trainingStep("bert")) {
      Tensor loss = bert.loss(tokens);
      optimizer.step(gradients(loss, bert));
      step.discard();
    }
  }
}
