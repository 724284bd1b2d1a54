package io.lazytensor;

import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.dropout;
import static io.lazytensor.nn.F.gradients;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.autograd.GradientException;
import io.lazytensor.internal.record.RecordLimits;
import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.observe.GraphBudgetException;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.optim.Schedules;
import io.lazytensor.xla.eval.EvaluatorBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The rules of scopes, state that outlives a step, random numbers and bounds. Each program runs
 * cold and on a warm trie (its rounds after the first), with the trie, without it, and with both
 * compared. Graphs are counted at the backend.
 */
class ScopeRulesTest extends RuleTest {
  // ---- state, hyper, schedules ------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aHyperChangesWithoutANewGraphAndNotAfterItWasRead(RecordMode mode) {
    open(mode);
    Hyper factor = device.hyper("factor", 0);
    for (int round = 1; round <= ROUNDS; round++) {
      factor.set(round);
      try (Step step = device.trainingStep("s")) {
        Fetch<float[]> out = step.fetchFloats(x().mul(factor));
        assertThrows(RecordingException.class, () -> factor.set(100));
        step.markStep();
        factor.set(-1);
        assertEquals(round, out.get()[0]);
      }
    }
    assertEquals(1, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void schedulesAdvanceWhenAStepIsCut(RecordMode mode) {
    open(mode);
    Two model = device.initialize(Two.create(), Seed.of(1));
    Optimizer optimizer =
        AdamW.builder(model.parameters()).learningRate(Schedules.stepped(8, 1, 0.5)).build();
    assertEquals(8, optimizer.learningRate());
    for (int round = 1; round <= ROUNDS; round++) {
      try (Step step = device.trainingStep("train")) {
        optimizer.step(gradients(crossEntropy(model.forward(x()), y()), model));
        step.discard();
      }
      assertEquals(round - 1, optimizer.steps());
      train(model, optimizer);
      assertEquals(8 * Math.pow(0.5, round), optimizer.learningRate());
      assertEquals(round, optimizer.steps());
    }
    float[] count = optimizer.states().firstEntry().getValue().toFloats();
    assertArrayEquals(new float[] {ROUNDS}, count);
    assertEquals(1, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void stepZeroHasTheGraphOfStepN(RecordMode mode) {
    open(mode);
    Two model = device.initialize(Two.create(), Seed.of(1));
    Optimizer optimizer = AdamW.builder(model.parameters()).learningRate(0.01).build();
    for (int round = 0; round < 5; round++) {
      train(model, optimizer);
    }
    assertEquals(1, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void optimizerStateMayBeReadBeforeAndAfterItsStep(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 1);
    Optimizer optimizer = SGD.builder(List.of(w)).learningRate(0.5).momentum(0.5).build();
    State buffer = optimizer.states().firstEntry().getValue();
    float expected = 0;
    for (int round = 0; round < ROUNDS; round++) {
      boolean early = round != 1;
      try (Step step = device.trainingStep("s")) {
        Optional<Fetch<float[]>> before =
            early ? Optional.of(step.fetchFloats(buffer)) : Optional.empty();
        optimizer.step(gradients(w.mul(3).sum(), List.of(w)));
        Fetch<float[]> after = step.fetchFloats(buffer);
        step.markStep();
        if (before.isPresent()) {
          assertEquals(expected, before.get().get()[0]);
        }
        expected = expected * 0.5f + 3;
        assertEquals(expected, after.get()[0]);
      }
    }
    assertArrayEquals(new float[] {expected}, buffer.toFloats());
    assertEquals(2, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedOptimizerStepTakesNothing(RecordMode mode) {
    open(mode);
    Parameter a = parameter("a", 1);
    Parameter b = parameter("b", 1);
    Optimizer both = SGD.builder(List.of(a, b)).learningRate(1).build();
    Optimizer one = SGD.builder(List.of(a)).learningRate(1).build();
    for (int round = 1; round <= 4; round++) {
      try (Step step = device.trainingStep("s")) {
        a.mul(b.detach()).sum().backward();
        if (round > 2) {
          assertThrows(GradientException.class, both::step);
        }
        step.markStep();
        one.step();
        step.markStep();
      }
      assertArrayEquals(new float[] {1 - round}, a.toFloats());
    }
  }

  @ParameterizedTest
  @EnumSource
  void accumulationOverMicroBatchesTakesTwoGraphsAndEqualsOneBatch(RecordMode mode) {
    open(mode);
    Two whole = device.initialize(Two.create(), Seed.of(1));
    Two parts = device.initialize(Two.create(), Seed.of(1));
    Optimizer one = SGD.builder(whole.parameters()).learningRate(0.1).build();
    Optimizer two = SGD.builder(parts.parameters()).learningRate(0.1).build();
    GradientAccumulator accumulator = new GradientAccumulator(parts.parameters(), 2);
    float[][] rows = {{1, 2, 3}, {-1, 0, 1}};
    for (int round = 0; round < ROUNDS; round++) {
      train(whole, one);
      for (int row = 0; row < 2; row++) {
        Input x = device.tensor(rows[row], 1, 3);
        Input y = device.tensor(new int[] {row}, 1);
        try (Step step = device.trainingStep(row == 1 ? "update" : "accumulate")) {
          accumulator.add(gradients(crossEntropy(parts.forward(x), y), parts));
          if (row == 1) {
            two.step(accumulator.take());
          }
          step.markStep();
        }
      }
      assertArrayEquals(
          whole.first().weight().toFloats(), parts.first().weight().toFloats(), 1e-6f);
    }
    assertEquals(3, backend.compiles());
  }

  // ---- scopes -----------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aStepWithoutMarkIsRolledBackAndSaysSo(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 1);
    for (int round = 0; round < ROUNDS; round++) {
      RecordingException e =
          assertThrows(
              RecordingException.class,
              () -> {
                try (Step step = device.trainingStep("forgotten")) {
                  w.assign(w.add(step.name().length()));
                }
              });
      assertTrue(message(e).contains("step \"forgotten\" (opened at ScopeRulesTest.java:"));
      assertTrue(message(e).contains("without markStep()"), message(e));
      assertArrayEquals(new float[] {1}, w.toFloats());
    }
    assertEquals(0, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void anExceptionInMidStepLeavesParametersAndTheNextStepWorks(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 1);
    for (int round = 1; round <= ROUNDS; round++) {
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () -> {
                try (Step step = device.trainingStep("s")) {
                  w.assign(w.add(1));
                  throw new IllegalStateException(step.name());
                }
              });
      assertEquals(1, e.getSuppressed().length);
      try (Step step = device.trainingStep("s")) {
        w.assign(w.add(1));
        step.markStep();
      }
      assertArrayEquals(new float[] {1 + round}, w.toFloats());
    }
    assertEquals(1, backend.compiles());
  }

  @ParameterizedTest
  @EnumSource
  void discardIsTheDeliberateWay(RecordMode mode) {
    open(mode);
    Parameter w = parameter("w", 1);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step step = device.trainingStep("s")) {
        w.assign(w.add(1));
        Fetch<float[]> lost = step.fetchFloats(w);
        step.discard();
        assertThrows(RecordingException.class, lost::get);
      }
      w.assign(w.add(1));
      device.discardPending();
    }
    assertArrayEquals(new float[] {1}, w.toFloats());
  }

  @ParameterizedTest
  @EnumSource
  void stepsDoNotNest(RecordMode mode) {
    open(mode);
    for (int round = 0; round < ROUNDS; round++) {
      try (Step outer = device.trainingStep("outer")) {
        RecordingException e =
            assertThrows(RecordingException.class, () -> device.trainingStep("inner"));
        assertTrue(message(e).contains("inside step \"outer\" (opened at"), message(e));
        outer.discard();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void markStepWithoutRecordingIsANoOp(RecordMode mode) {
    open(mode);
    device.markStep();
    try (Step step = device.trainingStep("s")) {
      step.markStep();
      step.markStep();
    }
    assertEquals(0, backend.compiles());
  }

  // ---- several graphs in turn -------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void bucketsFetchesMarksAndEvaluationsTakeTurns(RecordMode mode) {
    open(mode);
    Two model = device.initialize(Two.create(), Seed.of(1));
    Optimizer optimizer = sgd(model);
    List<Long> compiles = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      for (int rows = 1; rows <= 2; rows++) {
        Input x = device.tensor(new float[rows * 3], rows, 3);
        Input y = device.tensor(new int[rows], rows);
        try (Step step = device.trainingStep("train")) {
          Tensor loss = crossEntropy(model.forward(x), y);
          Gradients g = gradients(loss, model);
          if (rows == 2) {
            step.fetchFloat(g.norm());
          }
          optimizer.step(g);
          step.markStep();
          step.fetchFloat(model.first().weight().sum());
          step.markStep();
        }
        try (Step step = device.evaluationStep("evaluate")) {
          step.fetchFloats(model.forward(x));
          step.markStep();
        }
      }
      compiles.add(backend.compiles());
    }
    assertEquals(List.of(5L, 5L, 5L, 5L), compiles);
  }

  // ---- random numbers ---------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void randomNumbersDependOnSeedStepAndStreamOnly(RecordMode mode) {
    open(mode);
    device.seed(Seed.of(9));
    List<float[]> first = masks(3, false);
    device.close();
    EvaluatorBackend again = new EvaluatorBackend();
    device = Devices.on(again, mode);
    device.seed(Seed.of(9));
    List<float[]> second = masks(3, true);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(first.get(i), second.get(i));
    }
    assertNotEquals(List.of(box(first.get(0))), List.of(box(first.get(1))));
    assertEquals(1, again.compiles());
  }

  private static List<Float> box(float[] values) {
    List<Float> out = new ArrayList<>();
    for (float value : values) {
      out.add(value);
    }
    return out;
  }

  /** Two masks a step: different streams, different steps; a rollback uses up nothing. */
  private List<float[]> masks(int steps, boolean rollBack) {
    Input ones = device.tensor(box(64), 64);
    List<float[]> out = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      if (rollBack) {
        try (Step step = device.trainingStep("s")) {
          dropout(ones, 0.5);
          step.discard();
        }
      }
      try (Step step = device.trainingStep("s")) {
        Fetch<float[]> a = step.fetchFloats(dropout(ones, 0.5));
        Fetch<float[]> b = step.fetchFloats(dropout(ones, 0.5));
        step.markStep();
        assertNotEquals(box(a.get()), box(b.get()));
        out.add(a.get());
      }
    }
    return out;
  }

  private static float[] box(int count) {
    float[] ones = new float[count];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  // ---- bounds -----------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void aNumberThatChangesEveryStepHitsTheLimitAndPointsToHyper(RecordMode mode) {
    open(mode);
    device.contract("s", c -> c.maxGraphs(3));
    GraphBudgetException e =
        assertThrows(
            GraphBudgetException.class,
            () -> {
              for (int i = 0; i < 10; i++) {
                try (Step step = device.trainingStep("s")) {
                  step.fetchFloats(x().mul(0.5 + i));
                  step.markStep();
                }
              }
            });
    assertEquals(3, backend.compiles());
    assertTrue(message(e).contains("device.hyper"), message(e));
    if (mode != RecordMode.PLAIN) { // which remembers nothing to compare with
      assertTrue(message(e).contains("got mul(f32[2,3], 3.5) (ScopeRulesTest"), message(e));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aLoopWithoutMarkHitsTheBudgetAndNamesTheLine(RecordMode mode) {
    device.close();
    device = Devices.on(backend, mode, new RecordLimits(50, 1000, 8));
    GraphBudgetException e =
        assertThrows(
            GraphBudgetException.class,
            () -> {
              Tensor sum = x();
              for (int i = 0; i < 100; i++) {
                sum = sum.add(1);
              }
            });
    assertTrue(message(e).contains("more than 50 calls"), message(e));
    assertTrue(message(e).contains("ScopeRulesTest.java:"), message(e));
    assertTrue(message(e).contains("markStep()"), message(e));
    device.discardPending();
  }

  @ParameterizedTest
  @EnumSource
  void evictedBranchesAndGraphsComeBackRight(RecordMode mode) {
    device.close();
    device = Devices.on(backend, mode, new RecordLimits(1000, 40, 2));
    for (int round = 0; round < 3; round++) {
      for (int n = 1; n <= 6; n++) {
        try (Step step = device.trainingStep("s" + n)) {
          Tensor sum = x();
          for (int i = 0; i < n; i++) {
            sum = sum.add(x());
          }
          Fetch<float[]> out = step.fetchFloats(sum);
          step.markStep();
          assertEquals(n + 1, out.get()[0]);
        }
      }
    }
  }
}
