package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.autograd.ReverseMode;
import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Work in {@code f16} and {@code bf16}: accumulated in {@code f32}, returned in its own type. */
class HalfPrecisionTest {
  private static final HloBuilder BUILDER = new HloBuilder();

  /** Functions that work in f32 inside, so that only the result is rounded. */
  private static final Map<String, UnaryOperator<HloInstruction>> FUNCTIONS =
      Map.ofEntries(
          entry("softmax", x -> Activations.softmax(BUILDER, x, 1)),
          entry("logSoftmax", x -> Activations.logSoftmax(BUILDER, x, 1)),
          entry("gelu", x -> Activations.gelu(BUILDER, x)),
          entry("geluTanh", x -> Activations.geluTanh(BUILDER, x)),
          entry("silu", x -> Activations.silu(BUILDER, x)),
          entry("softplus", x -> Activations.softplus(BUILDER, x, 1, 20)),
          entry("layerNorm", x -> Normalizations.layerNorm(BUILDER, x, 1, null, null, 1e-5)),
          entry("sum", x -> Reductions.sum(BUILDER, x, false, 1)),
          entry("mean", x -> Reductions.mean(BUILDER, x, false)),
          entry("variance", x -> Reductions.variance(BUILDER, x, 1, true, 1)),
          entry("logSumExp", x -> Reductions.logSumExp(BUILDER, x, false, 1)),
          entry("norm", x -> Reductions.norm(BUILDER, x, 2, false)),
          entry("cumulativeSum", x -> Scans.cumsum(BUILDER, x, 1)),
          entry("mse", x -> Losses.mse(BUILDER, x, Primitives.zeros(BUILDER, x), Reduction.MEAN)),
          entry("crossEntropy", HalfPrecisionTest::crossEntropy));

  private static Map.Entry<String, UnaryOperator<HloInstruction>> entry(
      String name, UnaryOperator<HloInstruction> function) {
    return Map.entry(name, function);
  }

  static Stream<String> functions() {
    return FUNCTIONS.keySet().stream().sorted();
  }

  private static HloInstruction lower(String function, HloInstruction x) {
    return Objects.requireNonNull(FUNCTIONS.get(function)).apply(x);
  }

  private static HloInstruction crossEntropy(HloInstruction x) {
    HloInstruction classes =
        BUILDER.add(new HloOp.Constant(Literal.ofInts(Dims.of(4), 0, 5, 2, 2)));
    return CrossEntropy.crossEntropy(BUILDER, x, classes, Reduction.MEAN, -100, 0.1);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void onlyTheResultIsRounded(String function) {
    for (DType type : List.of(DType.BF16, DType.F16)) {
      HloInstruction x = numbers(type);
      HloInstruction y = lower(function, x);
      HloInstruction wide = lower(function, Primitives.convert(BUILDER, x, DType.F32));
      assertEquals(type, Primitives.type(y));
      assertEquals(
          Evaluation.evaluate(Primitives.convert(BUILDER, wide, type)), Evaluation.evaluate(y));
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void gradientsHaveTheTypeOfTheirTensor(String function) {
    HloInstruction x = BUILDER.add(new HloOp.Parameter(0, ArrayShape.of(DType.BF16, 4, 6)));
    HloInstruction loss = Reductions.sum(BUILDER, lower(function, x), false);
    HloInstruction gradient =
        Objects.requireNonNull(ReverseMode.gradients(BUILDER, loss, List.of(x)).getFirst());
    assertEquals(x.shape(), gradient.shape());
  }

  @Test
  void aSumOfManyOnesDoesNotStick() {
    HloInstruction ones = Primitives.filled(BUILDER, DType.BF16, Dims.of(1024), 1);
    Literal sum = Evaluation.evaluate(Reductions.sum(BUILDER, ones, false));
    assertEquals(1024, sum.toDouble(0));
  }

  @Test
  void masterWeightsOfALayerNormStayF32() {
    HloInstruction x = BUILDER.add(new HloOp.Parameter(0, ArrayShape.of(DType.BF16, 4, 6)));
    HloInstruction weight = BUILDER.add(new HloOp.Parameter(1, ArrayShape.of(DType.F32, 6)));
    HloInstruction y = Normalizations.layerNorm(BUILDER, x, 1, weight, weight, 1e-5);
    assertEquals(x.shape(), y.shape());
    HloInstruction gradient =
        Objects.requireNonNull(
            ReverseMode.gradients(BUILDER, Reductions.sum(BUILDER, y, false), List.of(weight))
                .getFirst());
    assertEquals(weight.shape(), gradient.shape());
  }

  private static HloInstruction numbers(DType type) {
    float[] values = new float[24];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 1.7 + 0.3) * (1 + i % 5);
    }
    HloInstruction wide = BUILDER.add(new HloOp.Constant(Literal.ofFloats(Dims.of(4, 6), values)));
    return Primitives.convert(BUILDER, wide, type);
  }
}
