package io.lazytensor.checkpoint;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.dropout;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.PlainValue;
import io.lazytensor.RandomState;
import io.lazytensor.Resumable;
import io.lazytensor.Seed;
import io.lazytensor.StateException;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.Adam;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.ReduceOnPlateau;
import io.lazytensor.optim.SGD;
import io.lazytensor.optim.Schedules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that stop and go on, against runs that do not. */
class TrainingStateTest {
  private static final int STEPS = 9;

  @TempDir Path folder;

  record Net(Linear first, Linear second) implements Layer {
    static Net create(int hidden) {
      return new Net(Linear.of(3, hidden), Linear.of(hidden, 2));
    }

    Tensor forward(Tensor x) {
      return second.forward(dropout(relu(first.forward(x)), 0.25));
    }
  }

  /** Counts batches; a real loader comes with its own module. */
  private static final class Counter implements Resumable {
    private long batches;

    @Override
    public SequencedMap<String, PlainValue> position() {
      SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
      out.put("epoch", PlainValue.of(batches / 4));
      out.put("batches", PlainValue.of(batches));
      return out;
    }

    @Override
    public void resume(SequencedMap<String, PlainValue> position) {
      PlainValue value = position.get("batches");
      if (value == null) {
        throw new StateException("a counter needs its batches, got " + position);
      }
      batches = value.asLong();
    }
  }

  /** A run with dropout, a schedule, two optimizers, and data that depends on the position. */
  private static final class Run implements AutoCloseable {
    final Device device = Device.open("evaluator");
    final Net net = device.initialize(Net.create(4), Seed.of(3));
    final Counter loader = new Counter();
    final ReduceOnPlateau plateau = ReduceOnPlateau.of(0.05).patience(1).factor(0.5);
    final Optimizer first =
        AdamW.builder(net.first().parameters())
            .learningRate(Schedules.warmupCosine(0.1, 2, STEPS))
            .amsgrad(true)
            .build();
    final Optimizer second =
        SGD.builder(net.second().parameters())
            .learningRate(plateau)
            .momentum(0.9)
            .dampening(0.5)
            .build();
    final List<Float> losses = new ArrayList<>();

    TrainingState state() {
      return TrainingState.builder(device)
          .layer("model", net)
          .optimizer("optimizer", first)
          .optimizer("head", second)
          .with("loader", loader)
          .build();
    }

    Run train(int steps) {
      for (int i = 0; i < steps; i++) {
        float at = loader.batches++;
        try (Step step = device.trainingStep("train")) {
          Tensor x = device.tensor(new float[] {at, 1, -2, 3, 2 - at, 1}, 2, 3);
          Tensor loss = crossEntropy(net.forward(x), device.tensor(new int[] {0, 1}, 2));
          var gradients = gradients(loss, net);
          first.step(gradients);
          second.step(gradients);
          Fetch<Float> value = step.fetchFloat(loss);
          step.markStep();
          losses.add(value.get());
        }
        plateau.report(losses.getLast());
      }
      return this;
    }

    float[] weights() {
      return net.first().weight().toFloats();
    }

    @Override
    public void close() {
      device.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 8})
  void aRunThatStopsAndGoesOnIsTheOneThatDoesNot(int stop) {
    Path file = folder.resolve("training-state.pt");
    List<Float> losses = new ArrayList<>();
    try (Run run = new Run().train(stop)) {
      losses.addAll(run.losses);
      run.state().save(file);
    }
    try (Run whole = new Run().train(STEPS);
        Run rest = new Run()) {
      // Another process has other weights, seeds and positions at first.
      rest.train(2);
      rest.device.seed(Seed.of(99));
      rest.losses.clear();
      rest.state().restore(file);
      assertEquals(stop, rest.first.steps());
      rest.train(STEPS - stop);
      losses.addAll(rest.losses);
      assertEquals(whole.losses, losses);
      assertArrayEquals(whole.weights(), rest.weights());
      assertEquals(whole.second.learningRate(), rest.second.learningRate());
      assertEquals(whole.device.randomState(), rest.device.randomState());
      assertEquals(1, rest.device.report().graphs());
    }
  }

  @Test
  void theTreeIsThatOfAPyTorchTrainingCheckpoint() {
    try (Run run = new Run().train(5)) {
      CheckpointDict tree = run.state().tree();
      assertEquals(
          "[model, optimizer, schedule, head, head_schedule, loader, epoch, random, engine, version]",
          tree.entries().keySet().stream().map(Keys::show).toList().toString());
      assertEquals(1, tree.get("epoch").asLong());
      CheckpointDict schedule = tree.get("schedule").asDict();
      assertEquals(5, schedule.get("last_epoch").asLong());
      CheckpointDict optimizer = tree.get("optimizer").asDict();
      CheckpointDict group = optimizer.get("param_groups").asList().items().getFirst().asDict();
      assertEquals(0.1, group.get("initial_lr").asDouble());
      assertEquals(run.first.learningRate(), group.get("lr").asDouble());
      CheckpointDict first = entry(optimizer.get("state").asDict(), 0);
      assertEquals(
          "[step, exp_avg, exp_avg_sq, max_exp_avg_sq]",
          first.entries().keySet().stream().map(Keys::show).toList().toString());
      assertEquals(List.of(), first.get("step").asTensor().shape());
    }
  }

  /** PyTorch adds to the counts in place, so that shared ones would count too fast. */
  @Test
  void everyParameterHasItsOwnCount() {
    try (Run run = new Run().train(1)) {
      CheckpointDict states = run.state().tree().get("optimizer").asDict().get("state").asDict();
      assertNotEquals(step(states, 0).storage(), step(states, 1).storage());
    }
  }

  private static CheckpointTensor step(CheckpointDict states, int parameter) {
    return entry(states, parameter).get("step").asTensor();
  }

  private static CheckpointDict entry(CheckpointDict states, int parameter) {
    return Objects.requireNonNull(states.entries().get(CheckpointValue.of(parameter))).asDict();
  }

  @Test
  void everythingThatDoesNotFitIsListedAndNothingIsChanged() {
    Path file = folder.resolve("training-state.pt");
    try (Run run = new Run().train(3)) {
      run.state().save(file);
    }
    try (Device device = Device.open("evaluator")) {
      Net wide = device.initialize(Net.create(5), Seed.of(1));
      Optimizer adam = Adam.builder(wide.parameters()).build();
      Counter counter = new Counter();
      TrainingState state =
          TrainingState.builder(device)
              .layer("model", wide)
              .optimizer("optimizer", adam)
              .with("loader", counter)
              .with("scaler", counter)
              .build();
      CheckpointException e = assertThrows(CheckpointException.class, () -> state.restore(file));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.startsWith(file.toString()), message);
      assertTrue(message.contains("nothing was restored"), message);
      assertTrue(message.contains("model: the model's first.weight is f32[5,3]"), message);
      assertTrue(message.contains("optimizer: the optimizer state does not fit"), message);
      assertTrue(message.contains("group 0 has 2 parameters, the optimizer's 4"), message);
      assertTrue(message.contains("scaler: the dict has no \"scaler\""), message);
      assertEquals(0, counter.batches);
      assertEquals(0, adam.steps());
      assertEquals(new RandomState(Seed.of(1), new TreeMap<>()), device.randomState());
    }
  }

  @Test
  void aPositionThatIsRefusedChangesNothing() {
    Path file = folder.resolve("training-state.pt");
    try (Run run = new Run().train(3)) {
      run.state().save(file);
    }
    try (Run other = new Run()) {
      Resumable stubborn =
          new Resumable() {
            @Override
            public SequencedMap<String, PlainValue> position() {
              return new LinkedHashMap<>();
            }

            @Override
            public void resume(SequencedMap<String, PlainValue> position) {
              throw new StateException("the data has changed");
            }
          };
      float[] before = other.weights();
      TrainingState state =
          TrainingState.of(other.net, AdamW.builder(other.net.parameters()).build(), other.device);
      assertThrows(CheckpointException.class, () -> state.restore(file));
      TrainingState with =
          TrainingState.builder(other.device)
              .layer("model", other.net)
              .with("loader", stubborn)
              .build();
      assertThrows(StateException.class, () -> with.restore(file));
      assertArrayEquals(before, other.weights());
    }
  }

  @Test
  void anOldStateStaysWhenTheNewOneCannotBeWritten() {
    Path file = folder.resolve("none/training-state.pt");
    try (Run run = new Run().train(1)) {
      assertThrows(CheckpointException.class, () -> run.state().save(file));
      assertFalse(Files.exists(file));
    }
  }

  @Test
  void partsHaveNamesOfTheirOwn() {
    try (Run run = new Run()) {
      TrainingState.Builder builder =
          TrainingState.builder(run.device).optimizer("optimizer", run.first);
      assertThrows(CheckpointException.class, () -> builder.with("schedule", run.loader));
      assertThrows(CheckpointException.class, () -> builder.layer("random", run.net));
    }
  }
}
