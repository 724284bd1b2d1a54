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
import io.lazytensor.checkpoint.CheckpointDict;
import io.lazytensor.checkpoint.Checkpoints;
import io.lazytensor.checkpoint.TrainingState;
import io.lazytensor.data.Columns;
import io.lazytensor.data.DataLoader;
import io.lazytensor.data.Tail;
import io.lazytensor.data.source.DataFiles;
import io.lazytensor.data.source.DataRow;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.LoadOptions;
import io.lazytensor.nn.StateDict;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's programs, compiled and run, and compared with the README line by line. */
class ReadmeTest {
  record Mlp(Linear fc1, Linear fc2) implements Layer {
    Tensor forward(Tensor x) {
      return fc2.forward(relu(fc1.forward(x)));
    }
  }

  record Batch(Input x, Input y) {}

  record Items(Input x, Input y, Input weight) {}

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
  void checkpointsGoBothWays(@TempDir Path run) {
    try (Device device = Device.open("cpu")) {
      Mlp model = device.initialize(new Mlp(Linear.of(784, 16), Linear.of(16, 10)), Seed.of(42));
      Optimizer optimizer = AdamW.builder(model.parameters()).learningRate(1e-3).build();
      Checkpoints.save(run.resolve("tuned.pt"), model.stateDict());
      Checkpoints.save(run.resolve("tuned.safetensors"), model.stateDict());
      Checkpoints.save(
          run.resolve("gpu.pt"),
          CheckpointDict.builder()
              .put("model", Checkpoints.tree(model.stateDict().withPrefix("module.")))
              .put("optimizer", Checkpoints.tree(optimizer.state()))
              .build());
      Checkpoints.save(run.resolve("model.pt"), model.stateDict());
      TrainingState.of(model, optimizer, device).save(run.resolve("state.pt"));
      TrainingState.of(model, optimizer, device).restore(run.resolve("state.pt"));
      device.load(model, Checkpoints.loadStateDict(run.resolve("tuned.pt")));
      CheckpointDict gpu = Checkpoints.load(run.resolve("gpu.pt")).asDict();
      device.load(model, Checkpoints.stateDict(gpu.get("model")).withoutPrefix("module."));
      optimizer.load(Checkpoints.optimizerState(gpu.get("optimizer")));
      StateDict values = Checkpoints.loadStateDict(run.resolve("tuned.safetensors"));
      device.load(model, values, LoadOptions.STRICT.strict(false).convert(true));
      Checkpoints.save(run.resolve("model.safetensors"), model.stateDict());
      assertEquals(
          Checkpoints.loadStateDict(run.resolve("model.safetensors")).entries().keySet(),
          model.stateDict().entries().keySet());
    }
  }

  @Test
  void dataIsLoaded(@TempDir Path run) throws IOException {
    Files.writeString(
        run.resolve("items.jsonl"), "{\"features\": [1, 2], \"label\": 3}\n".repeat(200));
    try (Device device = Device.open("cpu")) {
      Columns<DataRow> columns =
          Columns.<DataRow>builder()
              .floats("x", 2, row -> row.floats("features"))
              .ints("y", row -> (int) row.integer("label"))
              .weights("weight")
              .build();
      DataLoader<Items> loader =
          DataLoader.builder(DataFiles.open(run.resolve("items.jsonl")), columns, Items.class)
              .device(device)
              .batchSize(128)
              .shuffle(Seed.of(42))
              .tail(Tail.PAD)
              .build();
      for (Items batch : loader) {
        System.out.println(batch.x().shape());
      }
      assertEquals(2, loader.statistics().batches());
      assertEquals(200, loader.statistics().rows());
    }
  }

  @Test
  void readmeShowsThesePrograms() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    String source = "src/test/java/io/lazytensor/examples/ReadmeTest.java";
    String test = dense(Files.readString(Path.of(source)));
    Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    int found = 0;
    for (; blocks.find(); found++) {
      blocks
          .group(1)
          .lines()
          .map(line -> line.replaceFirst("\\s+//.*", ""))
          .forEach(line -> assertTrue(test.contains(dense(line)), "not in the test: " + line));
    }
    assertEquals(3, found);
  }

  // Formatters and readers want line breaks in different places.
  private static String dense(String program) {
    return program.replaceAll("\\s", "");
  }
}
