package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.log;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.rsub;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Losses of predictions and targets of one shape, computed in {@code f32} for {@code f16} and
 * {@code bf16} and returned in the prediction's type. Formulas: PyTorch, {@code
 * torch.nn.functional} and {@code aten/src/ATen/native/Loss.cpp}.
 */
public final class Losses {
  private static final double SMALLEST_LOG = -100;
  private static final double SMALLEST_BCE_DIVISOR = 1e-12;

  private Losses() {}

  /** Returns the squared errors, reduced. */
  public static HloInstruction mse(
      HloBuilder b, HloInstruction prediction, HloInstruction target, Reduction reduction) {
    Pair p = same(b, "mse", prediction, target);
    HloInstruction d = sub(b, p.x(), p.t());
    return finish(b, mul(b, d, d), reduction, prediction);
  }

  /** Returns the absolute errors, reduced. */
  public static HloInstruction l1(
      HloBuilder b, HloInstruction prediction, HloInstruction target, Reduction reduction) {
    Pair p = same(b, "l1", prediction, target);
    return finish(b, unary(b, UnaryKind.ABS, sub(b, p.x(), p.t())), reduction, prediction);
  }

  /**
   * Returns errors that are squared below {@code beta} and absolute above: {@code 0.5 d² / beta},
   * {@code |d| - 0.5 beta}.
   *
   * @param beta PyTorch's default is 1; 0 is {@link #l1}
   */
  public static HloInstruction smoothL1(
      HloBuilder b,
      HloInstruction prediction,
      HloInstruction target,
      Reduction reduction,
      double beta) {
    if (beta == 0) {
      return l1(b, prediction, target, reduction);
    }
    Pair p = same(b, "smoothL1", prediction, target);
    HloInstruction d = unary(b, UnaryKind.ABS, sub(b, p.x(), p.t()));
    HloInstruction near = compare(b, ComparisonDirection.LT, d, beta);
    HloInstruction square = mul(b, mul(b, d, 0.5), d);
    HloInstruction quadratic = beta == 1 ? square : div(b, square, beta);
    HloInstruction linear = add(b, d, -0.5 * beta);
    return finish(b, select(b, near, quadratic, linear), reduction, prediction);
  }

  /**
   * Returns Huber's loss: {@code 0.5 d²} up to {@code delta}, {@code delta (|d| - 0.5 delta)}
   * above.
   *
   * @param delta PyTorch's default is 1
   */
  public static HloInstruction huber(
      HloBuilder b,
      HloInstruction prediction,
      HloInstruction target,
      Reduction reduction,
      double delta) {
    Pair p = same(b, "huber", prediction, target);
    HloInstruction d = unary(b, UnaryKind.ABS, sub(b, p.x(), p.t()));
    HloInstruction near = compare(b, ComparisonDirection.LE, d, delta);
    HloInstruction quadratic = mul(b, mul(b, d, 0.5), d);
    HloInstruction shifted = add(b, d, -0.5 * delta);
    HloInstruction linear = delta == 1 ? shifted : mul(b, shifted, delta);
    return finish(b, select(b, near, quadratic, linear), reduction, prediction);
  }

  /**
   * Returns the binary cross-entropy of probabilities; logarithms are at least -100, as in PyTorch.
   *
   * @param probability 0 to 1
   * @param target 0 to 1, of the same shape
   */
  public static HloInstruction bce(
      HloBuilder b, HloInstruction probability, HloInstruction target, Reduction reduction) {
    return bce(b, probability, target, reduction, null);
  }

  /**
   * As {@link #bce(HloBuilder, HloInstruction, HloInstruction, Reduction)}.
   *
   * @param weight factor of each loss, broadcast against them; none if null
   */
  public static HloInstruction bce(
      HloBuilder b,
      HloInstruction probability,
      HloInstruction target,
      Reduction reduction,
      @Nullable HloInstruction weight) {
    Pair p = same(b, "bce", probability, target);
    HloInstruction floor = filled(b, type(p.x()), dims(p.x()), SMALLEST_LOG);
    HloInstruction yes = binary(b, BinaryKind.MAXIMUM, log(b, p.x()), floor);
    HloInstruction minus = unary(b, UnaryKind.LOG_PLUS_ONE, negate(b, p.x()));
    HloInstruction no = binary(b, BinaryKind.MAXIMUM, minus, floor);
    // (t - 1) log(1 - p) - t log(p)
    HloInstruction loss = sub(b, mul(b, add(b, p.t(), -1), no), mul(b, p.t(), yes));
    HloInstruction rows =
        withGradient(
            loss,
            List.of(p.x(), p.t()),
            (g, inputs, out, gradient) -> {
              HloInstruction x = inputs.get(0);
              HloInstruction spread = mul(g, rsub(g, 1, x), x);
              HloInstruction divisor = binary(g, BinaryKind.MAXIMUM, spread, SMALLEST_BCE_DIVISOR);
              HloInstruction slope = div(g, sub(g, x, inputs.get(1)), divisor);
              return List.<@Nullable HloInstruction>of(
                  mul(g, gradient, slope), mul(g, gradient, sub(g, no, yes)));
            });
    return finish(b, weighed(b, "bce", rows, weight), reduction, probability);
  }

  /**
   * Returns the binary cross-entropy of scores before the sigmoid, without overflow.
   *
   * @param positiveWeight weight of the positive targets, broadcast against the scores; 1 if null
   */
  public static HloInstruction bceWithLogits(
      HloBuilder b,
      HloInstruction logits,
      HloInstruction target,
      Reduction reduction,
      @Nullable HloInstruction positiveWeight) {
    return bceWithLogits(b, logits, target, reduction, positiveWeight, null);
  }

  /**
   * As {@link #bceWithLogits(HloBuilder, HloInstruction, HloInstruction, Reduction,
   * HloInstruction)}.
   *
   * @param weight factor of each loss, broadcast against them; none if null
   */
  public static HloInstruction bceWithLogits(
      HloBuilder b,
      HloInstruction logits,
      HloInstruction target,
      Reduction reduction,
      @Nullable HloInstruction positiveWeight,
      @Nullable HloInstruction weight) {
    Pair p = same(b, "bceWithLogits", logits, target);
    HloInstruction logs = Activations.logSigmoidOf(b, p.x());
    HloInstruction negatives = mul(b, rsub(b, 1, p.t()), p.x());
    HloInstruction rows;
    if (positiveWeight == null) {
      rows = plainWithLogits(b, p, logs, negatives);
    } else {
      HloInstruction share = broadcast(b, "bceWithLogits", p.x(), positiveWeight);
      HloInstruction extra = add(b, share, -1);
      HloInstruction factor = add(b, mul(b, extra, p.t()), 1);
      rows = sub(b, negatives, mul(b, factor, logs));
    }
    return finish(b, weighed(b, "bceWithLogits", rows, weight), reduction, logits);
  }

  private static HloInstruction weighed(
      HloBuilder b, String op, HloInstruction rows, @Nullable HloInstruction weight) {
    return weight == null ? rows : mul(b, rows, broadcast(b, op, rows, weight));
  }

  private static HloInstruction broadcast(
      HloBuilder b, String op, HloInstruction rows, HloInstruction weight) {
    HloInstruction w = convert(b, weight, type(rows));
    if (!Broadcasting.common(b, op, List.of(rows, w)).equals(dims(rows))) {
      throw refuse(
          b, op + ": weight " + w.shape() + " does not broadcast to the losses " + rows.shape());
    }
    return Broadcasting.expand(b, w, dims(rows));
  }

  /** Returns (1 - t) x - log sigmoid(x) with the gradient sigmoid(x) - t in one piece. */
  private static HloInstruction plainWithLogits(
      HloBuilder b, Pair p, HloInstruction logs, HloInstruction negatives) {
    return withGradient(
        sub(b, negatives, logs),
        List.of(p.x(), p.t()),
        (g, inputs, out, gradient) -> {
          HloInstruction x = inputs.get(0);
          HloInstruction slope = sub(g, unary(g, UnaryKind.LOGISTIC, x), inputs.get(1));
          return List.<@Nullable HloInstruction>of(
              mul(g, gradient, slope), negate(g, mul(g, gradient, x)));
        });
  }

  /**
   * Returns the Kullback-Leibler divergence {@code t (log t - x)}, 0 where t is 0.
   *
   * @param logProbability logarithms of the predicted probabilities
   * @param target probabilities
   */
  public static HloInstruction klDiv(
      HloBuilder b, HloInstruction logProbability, HloInstruction target, Reduction reduction) {
    return klDiv(b, logProbability, target, reduction, false, false);
  }

  /**
   * As {@link #klDiv(HloBuilder, HloInstruction, HloInstruction, Reduction)}.
   *
   * @param logTarget whether targets are logarithms too
   * @param perBatch whether the reduced loss is divided by the size of dimension 0
   */
  public static HloInstruction klDiv(
      HloBuilder b,
      HloInstruction logProbability,
      HloInstruction target,
      Reduction reduction,
      boolean logTarget,
      boolean perBatch) {
    Pair p = same(b, "klDiv", logProbability, target);
    HloInstruction rows;
    if (logTarget) {
      rows = mul(b, Primitives.exp(b, p.t()), sub(b, p.t(), p.x()));
    } else {
      HloInstruction zero = Primitives.zeros(b, p.t());
      HloInstruction none = compare(b, ComparisonDirection.EQ, p.t(), zero);
      HloInstruction safe = select(b, none, filled(b, type(p.t()), dims(p.t()), 1), p.t());
      rows = sub(b, mul(b, p.t(), log(b, safe)), mul(b, p.t(), p.x()));
    }
    HloInstruction reduced = finish(b, rows, reduction, logProbability);
    if (perBatch && rank(rows) > 0) {
      return div(b, reduced, (double) dims(rows).get(0));
    }
    return reduced;
  }

  /**
   * Returns Σ w v / Σ w: the mean of the rows that count. A row of weight 0 adds nothing, whatever
   * it holds, so that a short batch can be filled up; if all weights are 0 the result is 0.
   *
   * @param values [N] or [N, …]
   * @param weights a weight for each value; it broadcasts from the front: [N] weighs rows of [N, …]
   */
  public static HloInstruction weightedMean(
      HloBuilder b, HloInstruction values, HloInstruction weights) {
    int rank = rank(weights);
    Dims own = dims(values);
    if (!type(values).isFloating()
        || rank > own.size()
        || !dims(weights).equals(Dims.of(own.stream().limit(rank).toArray()))) {
      throw refuse(
          b,
          "weightedMean of "
              + values.shape()
              + ": the weights' shape must be its leading dimensions, got "
              + weights.shape());
    }
    HloInstruction x = widen(b, values);
    HloInstruction w = convert(b, weights, type(x));
    Dims all = Dims.range(own.size());
    Dims rows = Dims.range(rank);
    HloInstruction spread = Primitives.broadcast(b, w, own, rows);
    HloInstruction zero = Primitives.zeros(b, x);
    HloInstruction counts = compare(b, ComparisonDirection.NE, spread, zero);
    HloInstruction weighed = mul(b, select(b, counts, x, zero), spread);
    HloInstruction sum = Reductions.fold(b, BinaryKind.ADD, weighed, all);
    HloInstruction total = Reductions.fold(b, BinaryKind.ADD, w, rows);
    long inRow = own.product() / Math.max(1, dims(weights).product());
    HloInstruction divisor = inRow == 1 ? total : mul(b, total, (double) inRow);
    HloInstruction none = compare(b, ComparisonDirection.EQ, divisor, 0);
    HloInstruction safe = select(b, none, filled(b, type(x), dims(divisor), 1), divisor);
    return convert(b, div(b, sum, safe), type(values));
  }

  /** Reduces losses that all count. */
  static HloInstruction reduce(HloBuilder b, HloInstruction rows, Reduction reduction) {
    Dims all = Dims.range(rank(rows));
    return switch (reduction) {
      case NONE -> rows;
      case SUM -> Reductions.fold(b, BinaryKind.ADD, rows, all);
      case MEAN -> Reductions.meanOf(b, rows, all);
    };
  }

  private static HloInstruction finish(
      HloBuilder b, HloInstruction rows, Reduction reduction, HloInstruction prediction) {
    DType type = type(prediction);
    return convert(b, reduce(b, rows, reduction), type.isFloating() ? type : type(rows));
  }

  /** Prediction and target, wide. */
  private record Pair(HloInstruction x, HloInstruction t) {}

  private static Pair same(
      HloBuilder b, String op, HloInstruction prediction, HloInstruction target) {
    if (!dims(prediction).equals(dims(target))) {
      // PyTorch broadcasts with a warning; [N] against [N,1] is nearly always a mistake.
      throw refuse(
          b,
          op
              + ": prediction "
              + prediction.shape()
              + " and target "
              + target.shape()
              + " must have the same dimensions, reshape or expand one of them");
    }
    HloInstruction x = widen(b, Promotion.floating(b, prediction));
    return new Pair(x, convert(b, target, type(x)));
  }
}
