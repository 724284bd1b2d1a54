package io.lazytensor.examples.mlp;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gradients;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.Parameter;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.F;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The example's losses against those of {@code examples/scripts/torch_mlp_losses.py}. */
class PyTorchParityTest {
  private static final int BATCH = 128;
  private static final int STEPS = 100;

  // A ReLU near zero may fall on the other side in a correct run, which shows as a sudden jump
  // after many steps of agreement: there the first 20 steps are compared closely.
  @Test
  void sgdWithReluAgreesFor20Steps() throws IOException {
    compare("sgd_relu", F::relu, PyTorchParityTest::sgd, 20, 2e-6);
  }

  @Test
  void adamWWithReluAgreesFor20Steps() throws IOException {
    compare("adamw_relu", F::relu, PyTorchParityTest::adamW, 20, 2e-6);
  }

  @Test
  void sgdWithGeluAgreesFor100Steps() throws IOException {
    compare("sgd_gelu", F::gelu, PyTorchParityTest::sgd, STEPS, 5e-6);
  }

  @Test
  void adamWWithGeluAgreesFor100Steps() throws IOException {
    compare("adamw_gelu", F::gelu, PyTorchParityTest::adamW, STEPS, 5e-6);
  }

  private static Optimizer sgd(List<Parameter> parameters) {
    return SGD.builder(parameters).learningRate(0.01).momentum(0.9).build();
  }

  private static Optimizer adamW(List<Parameter> parameters) {
    return AdamW.builder(parameters).learningRate(1e-3).build();
  }

  private static void compare(
      String column,
      UnaryOperator<Tensor> activation,
      Function<List<Parameter>, Optimizer> optimizer,
      int steps,
      double tolerance)
      throws IOException {
    double[] expected = column(column);
    double[] losses = train(activation, optimizer);
    for (int i = 0; i < steps; i++) {
      assertEquals(expected[i], losses[i], tolerance, column + " at step " + i);
    }
  }

  private static double[] train(
      UnaryOperator<Tensor> activation, Function<List<Parameter>, Optimizer> make) {
    FashionMnist data = FashionMnist.shippedTraining();
    double[] losses = new double[STEPS];
    try (Device device = Device.open("cpu-reference")) {
      Mlp model = device.initialize(Mlp.create(), Seed.of(42));
      Optimizer optimizer = make.apply(model.parameters());
      Iterator<ImageBatch> batches =
          ImageBatch.loader(device, data.images().concat(data.images()), BATCH).build().iterator();
      for (int i = 0; i < STEPS; i++) {
        ImageBatch batch = batches.next();
        try (Step step = device.trainingStep("train")) {
          Tensor loss = crossEntropy(model.forward(batch.x(), activation), batch.y());
          optimizer.step(gradients(loss, model));
          Fetch<Float> value = step.fetchFloat(loss);
          step.markStep();
          losses[i] = value.get();
        }
      }
      assertEquals(1, device.report().graphs());
    }
    return losses;
  }

  private static double[] column(String name) throws IOException {
    String text;
    try (InputStream in = PyTorchParityTest.class.getResourceAsStream("torch-losses.tsv")) {
      text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    List<String> lines = text.lines().filter(line -> !line.startsWith("#")).toList();
    int column = List.of(lines.getFirst().split("\t")).indexOf(name);
    return lines.stream()
        .skip(1)
        .mapToDouble(l -> Double.parseDouble(l.split("\t")[column]))
        .toArray();
  }
}
