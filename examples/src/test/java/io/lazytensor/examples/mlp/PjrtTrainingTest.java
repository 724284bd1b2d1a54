package io.lazytensor.examples.mlp;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gradients;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.Device;
import io.lazytensor.DeviceOptions;
import io.lazytensor.Fetch;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.examples.PjrtPlugins;
import io.lazytensor.nn.F;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The example on XLA, through PJRT plug-ins, against libtorch. */
class PjrtTrainingTest {
  private static final int BATCH = 128;
  private static final int STEPS = 100;

  @TempDir Path folder;

  private record Run(double[] losses, DeviceReport report) {}

  /** Returns devices by the property {@code lazytensor.pjrt.plugins}, else what is installed. */
  static List<String> devices() {
    List<String> found = PjrtPlugins.devices();
    if (found.isEmpty()) {
      Assumptions.abort(PjrtPlugins.WHY_NONE);
    }
    return found;
  }

  @ParameterizedTest
  @MethodSource("devices")
  void lossesAreLibtorchsAndTheSecondStartCompilesNothing(String name) {
    DeviceOptions options =
        DeviceOptions.DEFAULT.withExecutableCache(folder.resolve("executables"));
    // Not ReLU: near zero a correct run may fall on the other side, and go another way from there.
    UnaryOperator<Tensor> gelu = F::gelu;
    double[] expected = train("cpu-reference", options, gelu, STEPS).losses();
    Run first = train(name, options, gelu, STEPS);
    for (int i = 0; i < STEPS; i++) {
      assertEquals(expected[i], first.losses()[i], 1e-4 * expected[i], "step " + i);
    }
    assertEquals(1, first.report().compiles().size());
    Run second = train(name, options, gelu, 5);
    assertEquals(List.of(), second.report().compiles());
    assertEquals(1, second.report().loads());
    for (int i = 0; i < 5; i++) {
      assertEquals(first.losses()[i], second.losses()[i], "step " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void exampleItselfAgreesFor20Steps(String name) {
    DeviceOptions options = DeviceOptions.DEFAULT.withoutExecutableCache();
    double[] expected = train("cpu-reference", options, F::relu, 20).losses();
    double[] losses = train(name, options, F::relu, 20).losses();
    for (int i = 0; i < 20; i++) {
      assertEquals(expected[i], losses[i], 1e-4 * expected[i], "step " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void withoutACacheEveryStartCompiles(String name) {
    DeviceOptions options = DeviceOptions.DEFAULT.withoutExecutableCache();
    assertEquals(1, train(name, options, F::relu, 1).report().compiles().size());
    assertEquals(1, train(name, options, F::relu, 1).report().compiles().size());
  }

  private static Run train(
      String name, DeviceOptions options, UnaryOperator<Tensor> activation, int steps) {
    FashionMnist data = FashionMnist.shippedTraining();
    double[] losses = new double[steps];
    try (Device device = Device.open(name, options)) {
      Mlp model = device.initialize(Mlp.create(), Seed.of(42));
      Optimizer optimizer =
          SGD.builder(model.parameters()).learningRate(0.01).momentum(0.9).build();
      Iterator<ImageBatch> batches =
          ImageBatch.loader(device, data.images().concat(data.images()), BATCH).build().iterator();
      for (int i = 0; i < steps; i++) {
        ImageBatch batch = batches.next();
        try (Step step = device.trainingStep("train")) {
          Tensor loss = crossEntropy(model.forward(batch.x(), activation), batch.y());
          optimizer.step(gradients(loss, model));
          Fetch<Float> value = step.fetchFloat(loss);
          step.markStep();
          losses[i] = value.get();
        }
      }
      return new Run(losses, device.report());
    }
  }
}
