package io.lazytensor.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.PlainValue;
import io.lazytensor.StateException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedules against 200 steps of PyTorch's, restarts and all. */
class SchedulesTest {
  private static final Map<String, double[]> GOLDENS = OptimGoldens.schedules();
  private static final OneCycle CYCLE = OneCycle.of(0.5, 200);

  static Stream<Arguments> schedules() {
    return Stream.of(
        Arguments.of("stepped", Schedules.stepped(0.1, 30, 0.3)),
        Arguments.of("multiStep", Schedules.multiStep(0.1, 0.2, 120, 10, 50, 50)),
        Arguments.of("exponential", Schedules.exponential(0.1, 0.97)),
        Arguments.of("reduced", Schedules.reduced(0.1, 1.0 / 3, 5)),
        Arguments.of("linear", Schedules.linear(0.1, 0.2, 0.9, 120)),
        Arguments.of("polynomial", Schedules.polynomial(0.1, 150, 1.7)),
        Arguments.of("cosine", Schedules.cosine(0.1, 60, 0)),
        Arguments.of("cosineLeast", Schedules.cosine(0.1, 70, 0.02)),
        Arguments.of("warmRestarts", Schedules.warmRestarts(0.1, 30, 1, 0.01)),
        Arguments.of("warmRestartsLonger", Schedules.warmRestarts(0.1, 12, 2, 0)),
        Arguments.of("lambda", Schedules.lambda(0.1, step -> 1 / Math.sqrt(step + 1))),
        Arguments.of("oneCycle", CYCLE.rate()),
        Arguments.of("oneCycle.momentum", CYCLE.momentum()),
        Arguments.of("oneCycleLinear", CYCLE.withRise(0.4).withLinearChanges().rate()),
        Arguments.of("oneCycleLinear.momentum", CYCLE.withRise(0.4).withLinearChanges().momentum()),
        Arguments.of("oneCycleThree", CYCLE.withThreePhases().rate()),
        Arguments.of("oneCycleThree.momentum", CYCLE.withThreePhases().momentum()),
        Arguments.of(
            "chained",
            Schedules.chained(
                Schedules.linear(0.1, 0.25, 1, 12),
                Schedules.exponential(0.1, 0.98),
                Schedules.stepped(0.1, 30, 0.5))),
        Arguments.of(
            "sequential",
            Schedules.sequential(
                List.of(
                    Schedules.reduced(0.1, 0.1, 15),
                    Schedules.cosine(0.1, 40, 0.01),
                    Schedules.exponential(0.1, 0.97),
                    Schedules.warmRestarts(0.1, 20, 1, 0)),
                20,
                75,
                140)),
        Arguments.of(
            "warmed",
            Schedules.sequential(
                List.of(Schedules.linear(0.1, 1e-3, 1, 10), Schedules.polynomial(0.1, 150, 2)),
                10)));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void twoHundredStepsAreThoseOfPyTorch(String name, Schedule schedule) {
    double[] expected = OptimGoldens.get(GOLDENS, name);
    // Where a rate comes close to 0, PyTorch's running product has the rounding of larger ones.
    double tolerance = 1e-12 * OptimGoldens.largest(expected);
    for (int step = 0; step < expected.length; step++) {
      assertEquals(expected[step], schedule.at(step), tolerance, name + " at " + step);
    }
  }

  static Stream<Arguments> plateaus() {
    return Stream.of(
        Arguments.of("plateau", ReduceOnPlateau.of(0.1)),
        Arguments.of(
            "plateauMax",
            ReduceOnPlateau.of(0.1).greaterIsBetter().factor(0.5).patience(3).threshold(0.05)),
        Arguments.of(
            "plateauAbsolute",
            ReduceOnPlateau.of(0.1)
                .factor(0.3)
                .patience(5)
                .absoluteThreshold(0.2)
                .cooldown(4)
                .least(0.001)));
  }

  @ParameterizedTest
  @MethodSource("plateaus")
  void ratesFallOnPlateausAsPyTorchs(String name, ReduceOnPlateau schedule) {
    double[] expected = OptimGoldens.get(GOLDENS, name);
    double[] metrics = OptimGoldens.get(GOLDENS, "metrics");
    assertEquals(expected[0], schedule.at(0));
    for (int i = 0; i < metrics.length; i++) {
      schedule.report(metrics[i]);
      assertEquals(expected[i + 1], schedule.at(0), 1e-12 * expected[i + 1], name + " at " + i);
    }
    assertTrue(schedule.at(0) < 0.1, name + " never fell");
  }

  @Test
  void aPlateauGoesOnFromItsPosition() {
    double[] metrics = OptimGoldens.get(GOLDENS, "metrics");
    ReduceOnPlateau whole = ReduceOnPlateau.of(0.1).patience(3);
    ReduceOnPlateau first = ReduceOnPlateau.of(0.1).patience(3);
    for (int i = 0; i < 77; i++) {
      whole.report(metrics[i]);
      first.report(metrics[i]);
    }
    ReduceOnPlateau second = ReduceOnPlateau.of(0.1).patience(3);
    second.resume(first.position());
    for (int i = 77; i < metrics.length; i++) {
      whole.report(metrics[i]);
      second.report(metrics[i]);
      assertEquals(whole.at(0), second.at(0));
    }
  }

  @Test
  void aPositionWithoutABestIsRefused() {
    ReduceOnPlateau schedule = ReduceOnPlateau.of(0.1);
    LinkedHashMap<String, PlainValue> position = new LinkedHashMap<>(schedule.position());
    position.remove("best");
    position.put("lr", PlainValue.of(7.0));
    assertThrows(StateException.class, () -> schedule.resume(position));
    assertEquals(0.1, schedule.at(0));
  }

  @Test
  void aCyclePastItsEndIsRefusedAsInPyTorch() {
    CYCLE.rate().at(200);
    StateException e = assertThrows(StateException.class, () -> CYCLE.rate().at(201));
    assertEquals(
        "a cycle of 200 steps has no step 201: make the cycle as long as the training",
        e.getMessage());
  }

  @Test
  void anyScheduleCanBeWarmedUp() {
    Schedule schedule = Schedules.warmup(4, Schedules.exponential(0.8, 0.5));
    assertEquals(0.2, schedule.at(0), 1e-15);
    assertEquals(0.8, schedule.at(3), 1e-15);
    assertEquals(0.8, schedule.at(4), 1e-15);
    assertEquals(0.4, schedule.at(5), 1e-15);
    assertEquals(0.8, schedule.base());
  }

  @Test
  void aChainRefusesWhatIsNoFactor() {
    Schedule factor = Schedules.exponential(0.1, 0.9);
    Schedule formula = Schedules.cosine(0.1, 10, 0.01);
    assertThrows(IllegalArgumentException.class, () -> Schedules.chained(factor, formula));
    Schedule other = Schedules.exponential(0.2, 0.9);
    assertThrows(IllegalArgumentException.class, () -> Schedules.chained(factor, other));
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Schedules.constant(-1));
    assertThrows(IllegalArgumentException.class, () -> Schedules.constant(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Schedules.cosine(0.1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> OneCycle.of(0.1, 0));
    List<Schedule> two = List.of(Schedules.constant(1), Schedules.constant(2));
    assertThrows(IllegalArgumentException.class, () -> Schedules.sequential(two));
  }
}
