package io.lazytensor.autograd;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.internal.lower.Convolutions;
import io.lazytensor.internal.lower.Pooling;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Convolutions and pooling against central differences. */
class WindowGradientsTest {
  private static Literal random(int seed, int... dims) {
    return GradientCheck.random(new Random(seed), Dims.of(dims));
  }

  private static int pick(Random random, int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  @RepeatedTest(30)
  void convolutionsOfAnyGeometry(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    int groups = pick(random, 1, 2);
    int spatial = pick(random, 1, 2);
    int[] x = new int[spatial + 2];
    int[] w = new int[spatial + 2];
    x[0] = pick(random, 1, 2);
    x[1] = groups * pick(random, 1, 2);
    w[0] = groups * pick(random, 1, 2);
    w[1] = x[1] / groups;
    Integer[] stride = new Integer[spatial];
    Integer[] low = new Integer[spatial];
    Integer[] high = new Integer[spatial];
    Integer[] dilation = new Integer[spatial];
    for (int i = 0; i < spatial; i++) {
      w[i + 2] = pick(random, 1, 3);
      stride[i] = pick(random, 1, 3);
      dilation[i] = pick(random, 1, 2);
      low[i] = pick(random, 0, 2);
      high[i] = pick(random, 0, 2);
      x[i + 2] = pick(random, 5, 6);
    }
    Convolutions.Geometry geometry =
        new Convolutions.Geometry(
            List.of(stride), List.of(low), List.of(high), List.of(dilation), groups);
    GradientCheck.check(
        (b, in) -> Convolutions.convolve(b, in.get(0), in.get(1), in.get(2), geometry),
        random(1, x),
        random(2, w),
        random(3, w[0]));
  }

  @Test
  void transposedConvolution() {
    Convolutions.Geometry geometry =
        new Convolutions.Geometry(List.of(2, 3), List.of(1, 0), List.of(1, 0), List.of(1, 2), 2);
    GradientCheck.check(
        (b, in) ->
            Convolutions.transposed(b, in.get(0), in.get(1), in.get(2), geometry, List.of(1, 2)),
        random(1, 2, 4, 3, 2),
        random(2, 4, 1, 3, 2),
        random(3, 2));
  }

  @Test
  void gradientsOfConvolutionsHaveGradients() {
    Convolutions.Geometry geometry =
        new Convolutions.Geometry(List.of(2), List.of(1), List.of(0), List.of(1), 1);
    GradientCheck.check(
        (b, in) -> {
          HloInstruction y = Convolutions.convolve(b, in.get(0), in.get(1), null, geometry);
          HloInstruction square = b.times(b.times(y, y), y);
          HloInstruction loss = b.sum(square, Dims.range(3));
          List<@Nullable HloInstruction> gradients = ReverseMode.gradients(b, loss, in);
          HloInstruction first = b.sum(requireNonNull(gradients.get(0)), Dims.range(3));
          return b.plus(first, b.sum(requireNonNull(gradients.get(1)), Dims.range(3)));
        },
        random(1, 1, 2, 5),
        random(2, 2, 2, 3));
  }

  private static Pooling.Geometry window(int kernel, int stride, int padding, boolean ceil) {
    return new Pooling.Geometry(
        List.of(kernel, kernel),
        List.of(stride, stride),
        List.of(padding, padding),
        List.of(1, 1),
        ceil);
  }

  @Test
  void pooling() {
    for (boolean ceil : new boolean[] {false, true}) {
      for (int stride = 1; stride <= 3; stride++) {
        Pooling.Geometry geometry = window(3, stride, 1, ceil);
        Literal x = random(stride, 1, 2, 5, 6);
        GradientCheck.check((b, in) -> Pooling.max(b, in.getFirst(), geometry), x);
        GradientCheck.check((b, in) -> Pooling.average(b, in.getFirst(), geometry, true, 0), x);
        GradientCheck.check((b, in) -> Pooling.average(b, in.getFirst(), geometry, false, 0), x);
      }
    }
    List<Integer> sizes = List.of(2, 4);
    Literal x = random(7, 1, 2, 5, 6);
    GradientCheck.check((b, in) -> Pooling.adaptiveAverage(b, in.getFirst(), sizes), x);
    GradientCheck.check((b, in) -> Pooling.adaptiveMax(b, in.getFirst(), sizes), x);
  }

  @Test
  void maximaWithHolesInTheWindow() {
    Pooling.Geometry geometry =
        new Pooling.Geometry(List.of(2, 3), List.of(2, 1), List.of(1, 0), List.of(2, 2), false);
    GradientCheck.check((b, in) -> Pooling.max(b, in.getFirst(), geometry), random(1, 1, 1, 6, 7));
  }

  @Test
  void whatHasNoRuleIsRefused() {
    HloBuilder b = new HloBuilder();
    HloInstruction x =
        b.add(new HloOp.Parameter(0, Literal.ofFloats(Dims.of(1, 1, 4), new float[4]).shape()));
    Pooling.Geometry geometry =
        new Pooling.Geometry(List.of(2), List.of(2), List.of(0), List.of(1), false);
    HloInstruction loss = b.sum(Pooling.max(b, x, geometry), Dims.range(3));
    HloInstruction first = requireNonNull(ReverseMode.gradients(b, loss, List.of(x)).getFirst());
    HloInstruction again = b.sum(b.times(first, x), Dims.range(3));
    String message = GradientCheck.refusal(() -> ReverseMode.gradients(b, again, List.of(x)));
    assertTrue(message.contains("select-and-scatter"), message);
  }
}
