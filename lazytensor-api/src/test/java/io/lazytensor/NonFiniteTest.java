package io.lazytensor;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.softmax;
import static io.lazytensor.nn.F.where;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.observe.NonFiniteException;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.npy.NpyFile;
import io.lazytensor.xla.proto.HloProtoReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps that compute NaN or infinities stop where asked for, and did not happen. */
class NonFiniteTest {
  record Holder(Parameter value) implements Layer {}

  @TempDir Path folder;

  private Device checking() {
    return Device.open("evaluator", DeviceOptions.DEFAULT.withNonFiniteCheck(folder));
  }

  private static Parameter parameter(Device device, float... values) {
    Parameter made = Parameter.of(Initializer.values(values), values.length);
    device.initialize(new Holder(made), Seed.of(0));
    return made;
  }

  private static float train(Device device, Parameter w, Optimizer optimizer, double shift) {
    try (Step step = device.trainingStep("train")) {
      Tensor loss = w.sub(device.hyper("shift", shift)).log().sum();
      optimizer.step(gradients(loss, List.of(w)));
      Fetch<Float> value = step.fetchFloat(loss);
      step.markStep();
      return value.get();
    }
  }

  @Test
  void theFirstOperationThatMadeNaNIsNamedAndTheStepCanBeRunAgain() throws IOException {
    try (Device device = checking()) {
      Parameter w = parameter(device, 2, 3);
      Optimizer sgd = SGD.builder(List.of(w)).learningRate(0.1).build();
      assertTrue(Float.isFinite(train(device, w, sgd, 0)));
      float[] before = w.toFloats();
      NonFiniteException e =
          assertThrows(NonFiniteException.class, () -> train(device, w, sgd, 2.5));
      String message = String.valueOf(e.getMessage());
      assertTrue(
          message.startsWith("step \"train\", cut 2: NaN first in log (log f32[2]"), message);
      assertTrue(message.contains("NonFiniteTest.java:"), message);
      assertArrayEquals(before, w.toFloats(), "the step did not happen");
      settle(device);
      Path bundle = folder.resolve("train-2");
      assertTrue(message.endsWith("hlo run --device evaluator " + bundle), message);
      assertTrue(hasNaN(replay(bundle)));
      assertTrue(Float.isFinite(train(device, w, sgd, 0)), "training goes on");
    }
  }

  /** A step that ran on the device's thread is told by its fetch, and by what comes next, too. */
  private static void settle(Device device) {
    try {
      device.synchronize();
    } catch (NonFiniteException again) {
      assertTrue(String.valueOf(again.getMessage()).contains("NaN first in log"));
    }
  }

  private static List<Literal> replay(Path bundle) throws IOException {
    HloModule module = HloProtoReader.read(Files.readAllBytes(bundle.resolve("module.hlo.pb")));
    List<Literal> arguments = new ArrayList<>();
    for (int i = 0; i < module.entry().parameters().size(); i++) {
      ArrayShape shape = module.entry().parameters().get(i).arrayShape();
      arguments.add(NpyFile.read(bundle.resolve("in_" + i + ".npy"), shape));
    }
    return HloEvaluator.evaluate(module, arguments);
  }

  private static boolean hasNaN(List<Literal> results) {
    for (Literal result : results) {
      for (int i = 0;
          result.shape().dtype() == DType.F32 && i < result.shape().elementCount();
          i++) {
        if (Double.isNaN(result.toDouble(i))) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void theInfinityBehindANaNIsNamed() {
    try (Device device = checking()) {
      Parameter w = parameter(device, 1, 100);
      device.fetchFloats(w.exp().sub(w.exp().mul(1)).add(w));
      Exception e =
          assertThrows(
              NonFiniteException.class,
              () -> {
                device.markStep();
                device.synchronize();
              });
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("NaN first in sub (subtract f32[2]"), message);
      assertTrue(message.contains("of an infinity from exp (exponential f32[2]"), message);
    }
  }

  @Test
  void anInputThatIsNotFiniteIsNamed() {
    try (Device device = checking()) {
      Parameter w = parameter(device, 1, Float.NaN);
      device.fetchFloats(w.mul(2));
      Exception e =
          assertThrows(
              NonFiniteException.class,
              () -> {
                device.markStep();
                device.synchronize();
              });
      assertTrue(
          String.valueOf(e.getMessage()).contains("the step's input value f32[2]"), e.getMessage());
    }
  }

  @Test
  void infinitiesThatDisappearAreNoFailure() {
    try (Device device = checking()) {
      Parameter w = parameter(device, 1, 2, 3);
      Tensor mask = device.tensor(new int[] {1, 0, 1}, 3).gt(0);
      Tensor hidden = device.full(Double.NEGATIVE_INFINITY, DType.F32, 3);
      Fetch<float[]> weights = device.fetchFloats(softmax(where(mask, w, hidden), -1));
      device.markStep();
      assertEquals(0, weights.get()[1]);
    }
  }

  @Test
  void nobodyLooksUnlessAsked() throws IOException {
    try (Device device = Device.open("evaluator")) {
      Parameter w = parameter(device, 2, 3);
      Optimizer sgd = SGD.builder(List.of(w)).learningRate(0.1).build();
      assertTrue(Float.isNaN(train(device, w, sgd, 2.5)));
    }
    try (var files = Files.list(folder)) {
      assertFalse(files.findAny().isPresent());
    }
  }

  @Test
  void aCheckedRunComputesTheSameBitsInOneGraph() {
    assertArrayEquals(trained(Device.open("evaluator")), trained(checking()));
  }

  private static float[] trained(Device opened) {
    try (Device device = opened) {
      RuleTest.Two model = device.initialize(RuleTest.Two.create(), Seed.of(3));
      Optimizer sgd = SGD.builder(model.parameters()).learningRate(0.1).momentum(0.9).build();
      for (int i = 0; i < 3; i++) {
        try (Step step = device.trainingStep("train")) {
          Tensor x = device.tensor(new float[] {1, 2, 3, -1, 0, 1}, 2, 3);
          Tensor loss = crossEntropy(model.forward(x), device.tensor(new int[] {0, 1}, 2));
          sgd.step(gradients(loss, model));
          step.markStep();
        }
      }
      assertEquals(1, device.report().graphs());
      return model.first().weight().toFloats();
    }
  }
}
