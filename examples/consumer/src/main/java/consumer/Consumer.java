package consumer;

import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.mse;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.Input;
import io.lazytensor.Seed;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;

/** Fits y = 2 x + 1 with nothing but the published artifacts. */
class Consumer {
  public static void main(String[] args) {
    try (Device device = Device.open("cpu")) {
      Linear model = device.initialize(Linear.of(1, 1), Seed.of(1));
      Optimizer optimizer = SGD.builder(model.parameters()).learningRate(0.2).build();
      Input x = device.tensor(new float[] {-1, 0, 1, 2}, 4, 1);
      Input y = device.tensor(new float[] {-1, 1, 3, 5}, 4, 1);
      float last = Float.NaN;
      for (int i = 0; i < 200; i++) {
        try (Step step = device.trainingStep("train")) {
          Tensor loss = mse(model.forward(x), y);
          optimizer.step(gradients(loss, model));
          Fetch<Float> value = step.fetchFloat(loss);
          step.markStep();
          last = value.get();
        }
      }
      float[] weight = model.weight().toFloats();
      System.out.printf(
          "consumer: loss=%.2e weight=%.3f graphs=%d%n",
          last, weight[0], device.report().graphs());
      if (!(last < 1e-6)) {
        throw new AssertionError("the loss did not fall: " + last);
      }
    }
  }
}
