package io.lazytensor.autograd;

import io.lazytensor.internal.lower.ClassLosses;
import io.lazytensor.internal.lower.ContrastiveLosses;
import io.lazytensor.internal.lower.CrossEntropy;
import io.lazytensor.internal.lower.LikelihoodLosses;
import io.lazytensor.internal.lower.Losses;
import io.lazytensor.internal.lower.MarginLosses;
import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Losses against central differences. */
class LossGradientsTest {
  private static final Literal CLASSES = Literal.ofInts(Dims.of(3), 2, 0, 3);
  private static final Literal SIGNS = Literal.ofInts(Dims.of(3), 1, -1, 1);

  private static Literal random(int seed, int... dims) {
    return GradientCheck.random(new Random(seed), Dims.of(dims));
  }

  /** Brings numbers between 0 and 1. */
  private static HloInstruction share(HloBuilder b, HloInstruction x) {
    return b.unary(UnaryKind.LOGISTIC, x);
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void ofClasses(Reduction r) {
    Literal x = random(1, 3, 4);
    Literal w = random(2, 4);
    GradientCheck.check(
        (b, in) -> CrossEntropy.crossEntropy(b, in.get(0), in.get(1), r, 0, 0.1), x, CLASSES);
    GradientCheck.check(
        (b, in) -> CrossEntropy.crossEntropy(b, in.get(0), in.get(1), r, 0, 0.1),
        x,
        random(3, 3, 4));
    GradientCheck.check(
        (b, in) ->
            ClassLosses.crossEntropy(b, in.get(0), in.get(1), share(b, in.get(2)), r, 0, 0.1),
        x,
        CLASSES,
        w);
    GradientCheck.check(
        (b, in) -> ClassLosses.nll(b, in.get(0), in.get(1), share(b, in.get(2)), r, 0),
        x,
        CLASSES,
        w);
    for (int p = 1; p <= 2; p++) {
      int power = p;
      GradientCheck.check(
          (b, in) -> ClassLosses.multiMargin(b, in.get(0), in.get(1), in.get(2), power, 0.9, r),
          x,
          CLASSES,
          w);
    }
    GradientCheck.check(
        (b, in) -> ClassLosses.multilabelSoftMargin(b, in.get(0), in.get(1), in.get(2), r),
        x,
        random(3, 3, 4),
        w);
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void ofProbabilities(Reduction r) {
    Literal x = random(1, 3, 4);
    Literal t = random(2, 3, 4);
    GradientCheck.check(
        (b, in) -> Losses.bce(b, share(b, in.get(0)), share(b, in.get(1)), r, in.get(2)),
        x,
        t,
        random(3, 4));
    GradientCheck.check(
        (b, in) -> Losses.bceWithLogits(b, in.get(0), in.get(1), r, in.get(2), in.get(3)),
        x,
        t,
        random(3, 4),
        random(4, 3, 1));
    GradientCheck.check(
        (b, in) -> Losses.klDiv(b, in.get(0), share(b, in.get(1)), r, false, true), x, t);
    GradientCheck.check((b, in) -> Losses.klDiv(b, in.get(0), in.get(1), r, true, false), x, t);
    GradientCheck.check(
        (b, in) -> LikelihoodLosses.poisson(b, in.get(0), in.get(1), true, false, 1e-8, r), x, t);
    GradientCheck.check(
        (b, in) ->
            LikelihoodLosses.gaussian(b, in.get(0), in.get(1), share(b, in.get(2)), true, 1e-3, r),
        x,
        t,
        random(3, 3, 4));
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void ofDistances(Reduction r) {
    Literal x = random(1, 3, 4);
    Literal y = random(2, 3, 4);
    GradientCheck.check((b, in) -> Losses.mse(b, in.get(0), in.get(1), r), x, y);
    GradientCheck.check((b, in) -> Losses.l1(b, in.get(0), in.get(1), r), x, y);
    GradientCheck.check((b, in) -> Losses.smoothL1(b, in.get(0), in.get(1), r, 0.6), x, y);
    GradientCheck.check((b, in) -> Losses.huber(b, in.get(0), in.get(1), r, 0.6), x, y);
    GradientCheck.check(
        (b, in) -> MarginLosses.cosineEmbedding(b, in.get(0), in.get(1), in.get(2), -0.4, r),
        x,
        y,
        SIGNS);
    GradientCheck.check(
        (b, in) -> MarginLosses.triplet(b, in.get(0), in.get(1), in.get(2), 1.3, 2, 1e-6, true, r),
        x,
        y,
        random(3, 3, 4));
    Literal scores = random(4, 3);
    GradientCheck.check(
        (b, in) -> MarginLosses.ranking(b, in.get(0), in.get(1), in.get(2), 0.5, r),
        scores,
        random(5, 3),
        SIGNS);
    GradientCheck.check(
        (b, in) -> MarginLosses.hingeEmbedding(b, in.get(0), in.get(1), 0.9, r), scores, SIGNS);
    GradientCheck.check(
        (b, in) -> MarginLosses.softMargin(b, in.get(0), in.get(1), r), scores, SIGNS);
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void ofPairs(Reduction r) {
    for (boolean cosine : new boolean[] {false, true}) {
      GradientCheck.check(
          (b, in) ->
              ContrastiveLosses.contrastive(b, in.get(0), in.get(1), null, 1.5, cosine, true, r),
          random(1, 3, 4),
          random(2, 3, 4));
    }
  }
}
