package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Three steps of every optimizer against those of a real PyTorch. */
class OptimizerGoldenTest {
  private static final Map<String, SequencedMap<String, Literal>> GOLDENS = Goldens.load();
  private static final double ROUNDING = 1.5e-7;

  private final HloBuilder b = new HloBuilder();

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("sgdPlain", 0.1, new SgdRule(0, 0, 0, false, false)),
        Arguments.of("sgdDecay", 0.1, new SgdRule(0, 0, 0.01, false, true)),
        Arguments.of("sgdMomentum", 0.1, new SgdRule(0.9, 0, 0, false, false)),
        Arguments.of("sgdNesterov", 0.1, new SgdRule(0.9, 0, 0.02, true, false)),
        Arguments.of("sgdDampening", 0.1, new SgdRule(0.9, 0.3, 0, false, false)),
        Arguments.of("adamw", 1e-3, new AdamRule(0.9, 0.999, 1e-8, 0.01, true, false, false)),
        Arguments.of("adamwBetas", 1e-2, new AdamRule(0.4, 0.9, 1e-6, 0.1, true, false, true)),
        Arguments.of("adam", 1e-3, new AdamRule(0.9, 0.999, 1e-8, 0.05, false, false, false)),
        Arguments.of("amsgrad", 1e-2, new AdamRule(0.9, 0.999, 1e-8, 0.01, true, true, false)));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void threeStepsAreThoseOfPyTorch(String name, double learningRate, UpdateRule rule) {
    SequencedMap<String, Literal> golden = Objects.requireNonNull(GOLDENS.get(name));
    HloInstruction parameter = constant(golden.get("p0"));
    List<HloInstruction> states =
        rule.states(parameter.arrayShape()).stream().map(spec -> zeros()).toList();
    for (int step = 1; step <= 3; step++) {
      UpdateRule.Result result =
          start(rule, learningRate, step)
              .update(parameter, constant(golden.get("g" + step)), states);
      parameter = result.parameter();
      states = result.states();
      check(name, golden.get("p" + step), parameter);
    }
  }

  private UpdateRule.GroupUpdate start(UpdateRule rule, double learningRate, int step) {
    HloInstruction count = rule.countsSteps() ? scalar(step) : null;
    return rule.start(b, new UpdateRule.Inputs(scalar(learningRate), null, count));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void gradientsAreClippedAsByPyTorch(String name, double limit) {
    SequencedMap<String, Literal> golden = Objects.requireNonNull(GOLDENS.get(name));
    List<HloInstruction> gradients = List.of(constant(golden.get("a")), constant(golden.get("c")));
    HloInstruction norm = GradientClipping.globalNorm(b, gradients);
    check(name, golden.get("norm"), norm);
    List<HloInstruction> clipped = GradientClipping.clipNorm(b, gradients, norm, limit);
    check(name, golden.get("ya"), clipped.get(0));
    check(name, golden.get("yc"), clipped.get(1));
  }

  static Stream<Arguments> limits() {
    return Stream.of(Arguments.of("clipped", 1.5), Arguments.of("unclipped", 100.0));
  }

  @Test
  void theFirstAdamStepDoesNotLoseItsBiasCorrectionToRounding() {
    // 1 - 0.999 in f32 is off by 5e-5; the first step is exactly the learning rate.
    AdamRule rule = new AdamRule(0.9, 0.999, 0, 0, true, false, false);
    HloInstruction one = scalar(1);
    HloInstruction zero = scalar(0);
    HloInstruction updated = start(rule, 1, 1).update(zero, one, List.of(zero, zero)).parameter();
    Evaluation.assertClose(
        "step", Literal.ofFloats(Dims.of(), -1), Evaluation.evaluate(updated), 5e-7);
  }

  @Test
  void scalarsAreRepeatedOncePerShape() {
    AdamRule rule = new AdamRule(0.9, 0.999, 1e-8, 0.01, true, false, false);
    UpdateRule.GroupUpdate update = start(rule, 1e-3, 1);
    HloInstruction first = secondMoment(update);
    HloInstruction second = secondMoment(update);
    assertSame(first.operand(0).operand(1), second.operand(0).operand(1));
  }

  private HloInstruction secondMoment(UpdateRule.GroupUpdate update) {
    return update.update(zeros(), zeros(), List.of(zeros(), zeros())).states().get(1);
  }

  @Test
  void nesterovWithoutMomentumIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new SgdRule(0, 0, 0, true, false));
  }

  private void check(String name, @Nullable Literal expected, HloInstruction actual) {
    Evaluation.assertClose(
        name, Objects.requireNonNull(expected), Evaluation.evaluate(actual), ROUNDING);
  }

  private HloInstruction constant(@Nullable Literal literal) {
    return b.add(new HloOp.Constant(Objects.requireNonNull(literal)));
  }

  private HloInstruction scalar(double value) {
    return Primitives.constant(b, DType.F32, value);
  }

  private HloInstruction zeros() {
    return Primitives.filled(b, DType.F32, Dims.of(6), 0);
  }
}
