package io.lazytensor.autograd;

import io.lazytensor.internal.lower.Activations;
import io.lazytensor.internal.lower.Attention;
import io.lazytensor.internal.lower.BatchNormalization;
import io.lazytensor.internal.lower.EmbeddingBags;
import io.lazytensor.internal.lower.Interactions;
import io.lazytensor.internal.lower.MultiheadProjections;
import io.lazytensor.internal.lower.Normalizations;
import io.lazytensor.internal.lower.PiecewiseActivations;
import io.lazytensor.internal.lower.Primitives;
import io.lazytensor.internal.lower.Recurrent;
import io.lazytensor.internal.lower.SmoothActivations;
import io.lazytensor.nn.BagMode;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What layers compute against central differences. */
class LayerGradientsTest {
  private static Literal random(int seed, int... dims) {
    return GradientCheck.random(new Random(seed), Dims.of(dims));
  }

  private static void one(GradientCheck.Function function, int... dims) {
    GradientCheck.check(function, random(5, dims));
  }

  @Test
  void activations() {
    one((b, x) -> Activations.relu(b, x.getFirst()), 7);
    one((b, x) -> Activations.leakyRelu(b, x.getFirst(), 0.1), 7);
    one((b, x) -> Activations.elu(b, x.getFirst(), 1.5), 7);
    one((b, x) -> Activations.gelu(b, x.getFirst()), 7);
    one((b, x) -> Activations.geluTanh(b, x.getFirst()), 7);
    one((b, x) -> Activations.silu(b, x.getFirst()), 7);
    one((b, x) -> Activations.logSigmoid(b, x.getFirst()), 7);
    one((b, x) -> Activations.softplus(b, x.getFirst(), 2, 20), 7);
    one((b, x) -> Activations.softmax(b, x.getFirst(), 1), 3, 4);
    one((b, x) -> Activations.logSoftmax(b, x.getFirst(), 0), 3, 4);
    one((b, x) -> PiecewiseActivations.hardtanh(b, x.getFirst(), -0.5, 0.7), 7);
    one((b, x) -> PiecewiseActivations.hardsigmoid(b, x.getFirst()), 7);
    one((b, x) -> PiecewiseActivations.hardswish(b, x.getFirst()), 7);
    one((b, x) -> PiecewiseActivations.hardshrink(b, x.getFirst(), 0.5), 7);
    one((b, x) -> PiecewiseActivations.softshrink(b, x.getFirst(), 0.5), 7);
    one((b, x) -> PiecewiseActivations.threshold(b, x.getFirst(), 0.3, 2), 7);
    one((b, x) -> SmoothActivations.selu(b, x.getFirst()), 7);
    one((b, x) -> SmoothActivations.celu(b, x.getFirst(), 1.3), 7);
    one((b, x) -> SmoothActivations.mish(b, x.getFirst()), 7);
    one((b, x) -> SmoothActivations.softsign(b, x.getFirst()), 7);
    one((b, x) -> SmoothActivations.tanhshrink(b, x.getFirst()), 7);
    one((b, x) -> SmoothActivations.softmin(b, x.getFirst(), 0), 5);
    one((b, x) -> SmoothActivations.glu(b, x.getFirst(), 1), 2, 6);
    GradientCheck.check(
        (b, x) -> PiecewiseActivations.prelu(b, x.get(0), x.get(1)),
        random(1, 2, 3, 2),
        random(2, 3));
  }

  @Test
  void normalizations() {
    Literal x = random(1, 3, 4, 2);
    GradientCheck.check(
        (b, in) -> Normalizations.layerNorm(b, in.get(0), 2, in.get(1), in.get(2), 1e-3),
        x,
        random(2, 4, 2),
        random(3, 4, 2));
    GradientCheck.check(
        (b, in) -> Normalizations.rmsNorm(b, in.get(0), 1, in.get(1), 1e-3), x, random(2, 2));
    GradientCheck.check(
        (b, in) -> BatchNormalization.groups(b, in.get(0), 2, in.get(1), in.get(2), 1e-3),
        x,
        random(2, 4),
        random(3, 4));
    GradientCheck.check(
        (b, in) -> BatchNormalization.ofBatch(b, in.get(0), in.get(1), in.get(2), 1e-3),
        x,
        random(2, 4),
        random(3, 4));
    GradientCheck.check(
        (b, in) ->
            BatchNormalization.evaluate(
                b, in.get(0), in.get(1), in.get(2), in.get(3), b.times(in.get(4), in.get(4)), 0.1),
        x,
        random(2, 4),
        random(3, 4),
        random(4, 4),
        random(5, 4));
  }

  @Test
  void aTrainedBatchNormIsAFunctionOfTheBatch() {
    GradientCheck.check(
        (b, in) -> {
          HloInstruction zero = Primitives.filled(b, DType.F64, Dims.of(2), 0);
          return BatchNormalization.train(
                  b,
                  in.get(0),
                  in.get(1),
                  null,
                  zero,
                  zero,
                  Primitives.constant(b, DType.F64, 0.1),
                  1e-3)
              .y();
        },
        random(1, 4, 2),
        random(2, 2));
  }

  @ParameterizedTest
  @EnumSource(BagMode.class)
  void bags(BagMode mode) {
    Literal indices = Literal.ofInts(Dims.of(3, 2), 0, 4, 3, 1, 2, 2);
    GradientCheck.check(
        (b, in) -> EmbeddingBags.bag(b, in.get(0), in.get(1), null, mode, -1),
        random(1, 5, 2),
        indices);
  }

  @Test
  void weightedBags() {
    Literal indices = Literal.ofInts(Dims.of(3, 2), 0, 4, 3, 1, 2, 2);
    GradientCheck.check(
        (b, in) -> EmbeddingBags.bag(b, in.get(0), in.get(2), in.get(1), BagMode.SUM, -1),
        random(1, 5, 2),
        random(2, 3, 2),
        indices);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attentionOfSeveralHeads(boolean same) {
    GradientCheck.check(
        (b, in) -> {
          HloInstruction query = in.get(0);
          HloInstruction key = same ? query : in.get(5);
          MultiheadProjections.Inputs inputs =
              new MultiheadProjections.Inputs(
                  query, key, key, in.get(1), in.get(2), in.get(3), in.get(4), null, null);
          HloInstruction y =
              MultiheadProjections.attend(b, inputs, 2, true, true, weights -> weights).output();
          // An argument that is not used has no gradient to compare.
          return same ? b.plus(y, in.get(5)) : y;
        },
        random(1, 2, 3, 4),
        random(2, 12, 4),
        random(3, 12),
        random(4, 4, 4),
        random(5, 4),
        random(6, 2, 3, 4));
  }

  @Test
  void plainAttention() {
    GradientCheck.check(
        (b, in) -> Attention.attend(b, in.get(0), in.get(1), in.get(2), in.get(3), 0.7),
        random(1, 2, 3, 2),
        random(2, 2, 4, 2),
        random(3, 2, 4, 3),
        random(4, 3, 4));
  }

  @Test
  void recurrentCells() {
    Literal hidden = random(1, 3, 2);
    for (Recurrent.Cell cell : List.of(Recurrent.Cell.TANH, Recurrent.Cell.RELU)) {
      GradientCheck.check(
          (b, in) -> Recurrent.plain(b, cell, in.get(0), in.get(1), in.get(2), DType.F32),
          random(2, 3, 2),
          hidden,
          random(3, 2, 2));
    }
    for (int i = 0; i < 2; i++) {
      int result = i;
      GradientCheck.check(
          (b, in) -> {
            HloInstruction[] next =
                Recurrent.lstm(b, in.get(0), in.get(1), in.get(2), in.get(3), DType.F32);
            return b.plus(next[result], next[1]);
          },
          random(2, 3, 8),
          hidden,
          random(3, 3, 2),
          random(4, 8, 2));
    }
    GradientCheck.check(
        (b, in) -> Recurrent.gru(b, in.get(0), in.get(1), in.get(2), in.get(3), DType.F32),
        random(2, 3, 6),
        hidden,
        random(3, 6, 2),
        random(4, 6));
  }

  @Test
  void interactions() {
    GradientCheck.check(
        (b, in) -> Interactions.bilinear(b, in.get(0), in.get(1), in.get(2), in.get(3)),
        random(1, 3, 2),
        random(2, 3, 4),
        random(3, 5, 2, 4),
        random(4, 5));
    one((b, x) -> Interactions.pairs(b, x.getFirst(), true), 2, 3, 2);
    one((b, x) -> Interactions.factorization(b, x.getFirst(), true), 2, 3, 2);
    GradientCheck.check(
        (b, in) -> Interactions.cross(b, in.get(0), in.get(1), in.get(2)),
        random(1, 2, 3),
        random(2, 2, 3),
        random(3, 2, 3));
    GradientCheck.check(
        (b, in) -> Interactions.compared(b, in.get(0), in.get(1)),
        random(1, 2, 3),
        random(2, 2, 3));
  }
}
