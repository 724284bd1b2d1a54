package io.lazytensor;

import static io.lazytensor.nn.F.dropout;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.mse;
import static io.lazytensor.nn.F.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Linear;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The rules of recording. Each program runs cold and on a warm trie (its rounds after the first),
 * with the trie, without it, and with both compared. Graphs are counted at the backend.
 */
class RecordingRulesTest extends RuleTest {
  // ---- purity -----------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void modeIsPartOfTheGraph(RecordMode mode) {
    open(mode);
    device.seed(Seed.of(5));
    for (int round = 0; round < ROUNDS; round++) {
      float[] trained;
      float[] evaluated;
      try (Step step = device.trainingStep("s")) {
        Fetch<float[]> out = step.fetchFloats(dropout(x(), 0.5));
        step.markStep();
        trained = out.get();
      }
      try (Step step = device.evaluationStep("s")) {
        Fetch<float[]> out = step.fetchFloats(dropout(x(), 0.5));
        step.markStep();
        evaluated = out.get();
      }
      assertArrayEquals(new float[] {1, 2, 3, -1, 0, 1}, evaluated);
      assertTrue(trained[0] == 0 || trained[0] == 2);
    }
    assertEquals(2, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void precisionIsPartOfTheGraph(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 1.001f, 1, 1);
    for (int round = 0; round < ROUNDS; round++) {
      float full = product(Precision.f32(), w);
      float half = product(Precision.bf16(), w);
      assertEquals(1.001f + 2 + 3, full, 1e-6f);
      assertEquals(6f, half);
    }
    assertEquals(2, backend.compiles());
  }

  private float product(Precision precision, Parameter w) {
    try (Step step = device.trainingStep("s", precision)) {
      Fetch<float[]> out = step.fetchFloats(x().matmul(w));
      step.markStep();
      return out.get()[0];
    }
  }

  @ParameterizedTest
  @EnumSource
  void freezingMakesAnotherGraphAndBack(RecordMode mode) {
    open(mode);
    Two model = device.initialize(Two.create(), Seed.of(1));
    Optimizer optimizer = sgd(model);
    for (int round = 0; round < ROUNDS; round++) {
      float[] before = model.first().weight().toFloats();
      model.first().weight().freeze();
      train(model, optimizer);
      assertArrayEquals(before, model.first().weight().toFloats());
      model.first().weight().freeze(false);
      train(model, optimizer);
      assertNotEquals(before[0], model.first().weight().toFloats()[0]);
    }
    assertEquals(2, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void parameterGroupsHaveTheirOwnSettings(RecordMode mode) {
    open(mode);
    Two model = device.initialize(Two.create(), Seed.of(1));
    Optimizer optimizer =
        AdamW.builder(model.parameters())
            .learningRate(0.1)
            .group(model.second().parameters(), g -> g.learningRate(0).weightDecay(0))
            .build();
    float[] still = model.second().weight().toFloats();
    float[] moving = model.first().weight().toFloats();
    for (int round = 0; round < ROUNDS; round++) {
      train(model, optimizer);
    }
    assertArrayEquals(still, model.second().weight().toFloats());
    assertNotEquals(moving[0], model.first().weight().toFloats()[0]);
    assertEquals(1, backend.compiles());
  }

  // ---- position, not identity -------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aFreshModelOfTheSameShapesNeedsNoNewGraph(RecordMode mode) {
    open(mode);
    Two first = device.initialize(Two.create(), Seed.of(1));
    float loss = train(first, sgd(first));
    Two second = device.initialize(Two.create(), Seed.of(1));
    assertEquals(loss, train(second, sgd(second)));
    assertEquals(1, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void loadedWeightsNeedNoNewGraph(RecordMode mode) {
    open(mode);
    Two model = device.initialize(Two.create(), Seed.of(1));
    var saved = model.stateDict().toHost();
    Optimizer optimizer = SGD.builder(model.parameters()).learningRate(0.1).build();
    float first = train(model, optimizer);
    assertNotEquals(first, train(model, optimizer));
    device.load(model, saved);
    assertEquals(first, train(model, optimizer));
    assertEquals(1, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void equalValuesNeverMergeSlots(RecordMode mode) {
    open(mode);
    Parameter a = parameter("a", 1, 1);
    Parameter b = parameter("b", 1, 1);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("s")) {
        a.assign(a.add(1));
        step.markStep();
      }
    }
    assertArrayEquals(new float[] {4, 4}, a.toFloats());
    assertArrayEquals(new float[] {1, 1}, b.toFloats());
  }

  // ---- handles ----------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aValueOfAnEarlierStepIsRefused(RecordMode mode) {
    open(mode);
    for (int round = 0; round < ROUNDS; round++) {
      Tensor previous;
      try (Step step = device.trainingStep("s")) {
        previous = x().mean();
        Fetch<Float> kept = step.fetchFloat(previous);
        step.markStep();
        assertEquals(1, kept.get());
      }
      try (Step step = device.trainingStep("s")) {
        Tensor now = x().mean();
        RecordingException e = assertThrows(RecordingException.class, () -> now.sub(previous));
        assertTrue(message(e).contains("earlier recording"), message(e));
        assertTrue(message(e).contains("RecordingRulesTest.java:"), message(e));
        step.discard();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKeptValueEntersLaterSteps(RecordMode mode) {
    open(mode);
    Input kept = device.tensor(new float[] {0}, 1);
    for (int round = 1; round <= 4; round++) {
      try (Step step = device.trainingStep("s")) {
        Input next = step.keep(kept.add(1));
        Fetch<float[]> value = step.fetchFloats(kept.add(1));
        step.markStep();
        assertArrayEquals(new float[] {round}, value.get());
        kept = next;
      }
    }
    assertEquals(1, backend.compiles());
  }

  // ---- assignment and gradients -----------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void assignmentMakesALeafThatStopsGradients(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 3);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("s")) {
        w.assign(w.mul(2));
        Gradients g = gradients(w.square().sum(), List.of(w));
        Fetch<float[]> gradient = step.fetchFloats(g.of(w));
        Fetch<float[]> value = step.fetchFloats(w);
        step.markStep();
        assertEquals(2 * value.get()[0], gradient.get()[0]);
      }
    }
    assertArrayEquals(new float[] {24}, w.toFloats());
  }

  @ParameterizedTest
  @EnumSource
  void backwardAddsUpAndTheOptimizerUsesItUp(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 1);
    Optimizer optimizer = SGD.builder(List.of(w)).learningRate(1).build();
    for (int round = 1; round <= ROUNDS; round++) {
      try (Step step = device.trainingStep("s")) {
        w.sum().backward();
        w.mul(2).sum().backward();
        optimizer.step();
        step.markStep();
      }
      assertArrayEquals(new float[] {1 - 3 * round}, w.toFloats());
    }
    assertEquals(1, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void gradientsOutliveACutUntilAnOptimizerTakesThem(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 1);
    Optimizer optimizer = SGD.builder(List.of(w)).learningRate(1).build();
    for (int round = 1; round <= ROUNDS; round++) {
      try (Step step = device.trainingStep("s")) {
        w.sum().backward();
        step.markStep();
        w.mul(2).sum().backward();
        step.markStep();
        optimizer.step();
        step.markStep();
      }
      assertArrayEquals(new float[] {1 - 3 * round}, w.toFloats());
    }
    assertEquals(3, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void reluAtATieHasNoGradient(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 0, 1, -1);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("s")) {
        Fetch<float[]> g = step.fetchFloats(gradients(relu(w).sum(), List.of(w)).of(w));
        step.markStep();
        assertArrayEquals(new float[] {0, 1, 0}, g.get());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sharedParametersAreOneForTheOptimizer(RecordMode mode) {
    open(mode);
    Linear in = Linear.of(2, 2);
    Two tied = new Two(in, new Linear(in.weight(), Optional.empty()));
    device.initialize(tied, Seed.of(3));
    assertEquals(
        List.of("first.weight", "first.bias"), List.copyOf(tied.namedParameters().keySet()));
    assertEquals(3, tied.stateDict().entries().size());
    Optimizer optimizer = SGD.builder(tied.parameters()).learningRate(0.1).build();
    Input input = device.tensor(new float[] {1, 2}, 1, 2);
    Input zero = device.tensor(new float[] {0, 0}, 1, 2);
    float first = Float.NaN;
    for (int round = 0; round < 5; round++) {
      try (Step step = device.trainingStep("s")) {
        Tensor loss = mse(tied.forward(input), zero);
        optimizer.step(gradients(loss, tied));
        Fetch<Float> value = step.fetchFloat(loss);
        step.markStep();
        first = round == 0 ? value.get() : first;
        assertTrue(value.get() <= first);
      }
    }
  }
}
