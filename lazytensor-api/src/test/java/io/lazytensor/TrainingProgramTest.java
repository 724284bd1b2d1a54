package io.lazytensor;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.relu;

import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import org.junit.jupiter.api.Test;

class TrainingProgramTest {
  record Mlp(Linear fc1, Linear fc2) implements Layer {
    static Mlp create() {
      return new Mlp(Linear.of(4, 8), Linear.of(8, 3));
    }

    Tensor forward(Tensor x) {
      return fc2.forward(relu(fc1.forward(x)));
    }
  }

  @Test
  void lossFallsAndOneGraphServesAllSteps() {
    try (Device device = Device.open("evaluator")) {
      Mlp model = device.initialize(Mlp.create(), Seed.of(42));
      Optimizer optimizer = AdamW.builder(model.parameters()).learningRate(0.05).build();
      Input x = device.tensor(new float[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}, 3, 4);
      Input y = device.tensor(new int[] {0, 1, 2}, 3);
      float first = 0;
      float last = 0;
      for (int i = 0; i < 30; i++) {
        try (Step step = device.trainingStep("train")) {
          Tensor loss = crossEntropy(model.forward(x), y);
          optimizer.step(gradients(loss, model));
          Fetch<Float> value = step.fetchFloat(loss);
          step.markStep();
          last = value.get();
          first = i == 0 ? last : first;
        }
      }
      System.out.println(device.report() + " " + first + " " + last);
    }
  }
}
