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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** README's program, compiled and run, and compared with the README line by line. */
class ReadmeTest {
  record Mlp(Linear fc1, Linear fc2) implements Layer {
    Tensor forward(Tensor x) {
      return fc2.forward(relu(fc1.forward(x)));
    }
  }

  record Batch(Input x, Input y) {}

  @Test
  void programRuns() {
    try (Device device = Device.open("cpu")) {
      Batch some =
          new Batch(device.tensor(new float[4 * 784], 4, 784), device.tensor(new int[4], 4));
      List<Batch> batches = List.of(some, some, some);
      Mlp model = device.initialize(new Mlp(Linear.of(784, 512), Linear.of(512, 10)), Seed.of(42));
      Optimizer optimizer = AdamW.builder(model.parameters()).learningRate(1e-3).build();
      for (Batch batch : batches) {
        try (Step step = device.trainingStep("train")) {
          Tensor loss = crossEntropy(model.forward(batch.x()), batch.y());
          optimizer.step(gradients(loss, model));
          Fetch<Float> value = step.fetchFloat(loss);
          step.markStep();
          step.onResult(value, known -> System.out.println(known));
        }
      }
      device.synchronize();
      assertEquals(1, device.report().graphs());
      assertEquals(3, optimizer.steps());
    }
  }

  @Test
  void readmeShowsThisProgram() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    int start = readme.indexOf("```java") + "```java".length();
    String program = readme.substring(start, readme.indexOf("```", start));
    String source = "src/test/java/io/lazytensor/examples/ReadmeTest.java";
    String test = dense(Files.readString(Path.of(source)));
    program
        .lines()
        .map(line -> line.replaceFirst("\\s+//.*", ""))
        .forEach(line -> assertTrue(test.contains(dense(line)), "not in the test: " + line));
  }

  // Formatters and readers want line breaks in different places.
  private static String dense(String program) {
    return program.replaceAll("\\s", "");
  }
}
