package io.lazytensor.examples;

import static io.lazytensor.nn.F.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.lazytensor.optim.SGD;
import io.lazytensor.optim.Schedules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whole programs as users write them. */
class WholeProgramTest {
  record Mlp(Linear fc1, Linear fc2, Linear fc3) implements Layer {
    static Mlp create() {
      return new Mlp(Linear.of(784, 512), Linear.of(512, 256), Linear.of(256, 10));
    }

    Tensor forward(Tensor x) {
      return fc3.forward(relu(fc2.forward(relu(fc1.forward(x)))));
    }
  }

  record ImageBatch(Input x, Input y) {}

  private static List<ImageBatch> batches(Device device, int count) {
    Random random = new Random(1);
    List<ImageBatch> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] x = new float[8 * 784];
      int[] y = new int[8];
      for (int row = 0; row < 8; row++) {
        y[row] = random.nextInt(10);
        for (int k = 0; k < 784; k++) {
          x[row * 784 + k] = random.nextFloat() + (k % 10 == y[row] ? 1 : 0);
        }
      }
      out.add(new ImageBatch(device.tensor(x, 8, 784), device.tensor(y, 8)));
    }
    return out;
  }

  @Test
  void gradientsAsValuesWithASchedule() {
    List<Fetch<Float>> losses = new ArrayList<>();
    try (Device device = Device.open("cpu")) {
      Mlp model = device.initialize(Mlp.create(), Seed.of(42));
      Optimizer optimizer =
          AdamW.builder(model.parameters())
              .learningRate(Schedules.warmupCosine(1e-3, 100, 5_000))
              .build();
      for (ImageBatch batch : batches(device, 20)) {
        try (Step step = device.trainingStep("train")) {
          Tensor loss = crossEntropy(model.forward(batch.x()), batch.y());
          optimizer.step(gradients(loss, model));
          Fetch<Float> lossValue = step.fetchFloat(loss);
          step.markStep();
          losses.add(lossValue);
        }
      }
      assertTrue(losses.getLast().get() < losses.getFirst().get());
      assertEquals(1, device.report().graphs());
      assertEquals(6, model.stateDict().entries().size());
    }
  }

  @Test
  void backwardWithoutScopesTrainsLikeGradientsInSteps() {
    assertEquals(withSteps(), withoutScopes());
  }

  private static List<Float> withSteps() {
    List<Float> losses = Collections.synchronizedList(new ArrayList<>());
    try (Device device = Device.open("cpu")) {
      Mlp model = device.initialize(Mlp.create(), Seed.of(7));
      Optimizer optimizer =
          SGD.builder(model.parameters()).learningRate(0.05).momentum(0.9).build();
      for (ImageBatch batch : batches(device, 10)) {
        try (Step step = device.trainingStep("train")) {
          Tensor loss = crossEntropy(model.forward(batch.x()), batch.y());
          optimizer.step(gradients(loss, model));
          step.onResult(step.fetchFloat(loss), losses::add);
          step.markStep();
        }
      }
      device.synchronize();
    }
    return losses;
  }

  private static List<Float> withoutScopes() {
    List<Float> losses = new ArrayList<>();
    try (Device device = Device.open("cpu")) {
      Mlp model = device.initialize(Mlp.create(), Seed.of(7));
      Optimizer optimizer =
          SGD.builder(model.parameters()).learningRate(0.05).momentum(0.9).build();
      for (ImageBatch batch : batches(device, 10)) {
        Tensor loss = crossEntropy(model.forward(batch.x()), batch.y());
        loss.backward();
        optimizer.step();
        Fetch<Float> value = device.fetchFloat(loss);
        device.markStep();
        losses.add(value.get());
      }
    }
    return losses;
  }

  @Test
  void aMarkAfterBackwardAndOneAfterTheOptimizerTrainTheSame() {
    List<Float> losses = new ArrayList<>();
    try (Device device = Device.open("cpu")) {
      Mlp model = device.initialize(Mlp.create(), Seed.of(7));
      Optimizer optimizer =
          SGD.builder(model.parameters()).learningRate(0.05).momentum(0.9).build();
      for (ImageBatch batch : batches(device, 10)) {
        Tensor loss = crossEntropy(model.forward(batch.x()), batch.y());
        loss.backward();
        Fetch<Float> value = device.fetchFloat(loss);
        device.markStep();
        optimizer.step();
        device.markStep();
        losses.add(value.get());
      }
      assertEquals(2, device.report().graphs());
    }
    assertEquals(withSteps(), losses);
  }
}
