package io.lazytensor;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.relu;

import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.xla.eval.EvaluatorBackend;
import org.junit.jupiter.api.AfterEach;

/** A device in the mode under test, on a backend that counts its compiles. */
abstract class RuleTest {
  static final int ROUNDS = 3;

  record Two(Linear first, Linear second) implements Layer {
    static Two create() {
      return new Two(Linear.of(3, 4), Linear.of(4, 2));
    }

    Tensor forward(Tensor x) {
      return second.forward(relu(first.forward(x)));
    }
  }

  final EvaluatorBackend backend = new EvaluatorBackend();
  Device device = Device.on(new EvaluatorBackend());

  void open(RecordMode mode) {
    device.close();
    device = Devices.on(backend, mode);
  }

  @AfterEach
  void close() {
    device.close();
  }

  static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  Input x() {
    return device.tensor(new float[] {1, 2, 3, -1, 0, 1}, 2, 3);
  }

  Input y() {
    return device.tensor(new int[] {0, 1}, 2);
  }

  Parameter parameter(String name, float... values) {
    record Holder(Parameter value) implements Layer {}
    Parameter made = Parameter.of(Initializer.values(values), values.length);
    device.initialize(new Holder(made), Seed.of(0));
    return made;
  }

  float train(Two model, Optimizer optimizer) {
    try (Step step = device.trainingStep("train")) {
      Tensor loss = crossEntropy(model.forward(x()), y());
      optimizer.step(gradients(loss, model));
      Fetch<Float> value = step.fetchFloat(loss);
      step.markStep();
      return value.get();
    }
  }

  Optimizer sgd(Layer model) {
    return SGD.builder(model.parameters()).learningRate(0.1).momentum(0.9).build();
  }
}
