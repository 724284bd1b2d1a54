package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.zeros;

import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** Losses of class scores with a weight for each class, and with margins; see CrossEntropy. */
public final class ClassLosses {
  private ClassLosses() {}

  /**
   * Returns the cross-entropy of scores before softmax with a weight for each class, as {@code
   * torch.nn.functional.cross_entropy}: the mean is weighted too, unless targets are probabilities.
   *
   * @param weight [C]
   */
  public static HloInstruction crossEntropy(
      HloBuilder b,
      HloInstruction logits,
      HloInstruction target,
      HloInstruction weight,
      Reduction reduction,
      int ignoreIndex,
      double smoothing) {
    HloInstruction x = CrossEntropy.scores(b, "crossEntropy", logits);
    if (smoothing < 0 || smoothing > 1) {
      throw refuse(b, "crossEntropy: labelSmoothing must be 0 to 1, got " + smoothing);
    }
    HloInstruction logs = Activations.logSoftmaxOf(b, x, CrossEntropy.classAxis(x));
    HloInstruction weights = weights(b, "crossEntropy", x, weight);
    if (type(target).isFloating()) {
      HloInstruction wanted = CrossEntropy.smoothed(b, logits, x, target, smoothing);
      HloInstruction terms = mul(b, mul(b, wanted, weights), logs);
      HloInstruction rows =
          negate(b, Reductions.fold(b, BinaryKind.ADD, terms, CrossEntropy.classAxis(x)));
      return convert(b, Losses.reduce(b, rows, reduction), type(logits));
    }
    HloInstruction classes = CrossEntropy.classes(b, "crossEntropy", logits, target);
    return ofLogs(b, logits, logs, classes, weights, reduction, ignoreIndex, smoothing);
  }

  /** Returns the negative log likelihood with a weight for each class. */
  public static HloInstruction nll(
      HloBuilder b,
      HloInstruction logs,
      HloInstruction target,
      HloInstruction weight,
      Reduction reduction,
      int ignoreIndex) {
    HloInstruction x = CrossEntropy.scores(b, "nll", logs);
    HloInstruction classes = CrossEntropy.classes(b, "nll", logs, target);
    HloInstruction weights = weights(b, "nll", x, weight);
    return ofLogs(b, logs, x, classes, weights, reduction, ignoreIndex, 0);
  }

  private static HloInstruction ofLogs(
      HloBuilder b,
      HloInstruction scores,
      HloInstruction logs,
      HloInstruction target,
      HloInstruction weights,
      Reduction reduction,
      int ignoreIndex,
      double smoothing) {
    Dims axes = CrossEntropy.classAxis(logs);
    HloInstruction hot = CrossEntropy.oneHot(b, logs, target);
    HloInstruction zero = zeros(b, logs);
    HloInstruction terms = mul(b, weights, logs);
    HloInstruction picked = Reductions.fold(b, BinaryKind.ADD, select(b, hot, terms, zero), axes);
    HloInstruction rows = negate(b, picked);
    if (smoothing > 0) {
      HloInstruction spread = Reductions.fold(b, BinaryKind.ADD, terms, axes);
      double share = smoothing / dims(logs).get(axes.get(0));
      rows = sub(b, mul(b, rows, 1 - smoothing), mul(b, spread, share));
    }
    HloInstruction own = Reductions.fold(b, BinaryKind.ADD, select(b, hot, weights, zero), axes);
    HloInstruction counted = compare(b, ComparisonDirection.NE, target, ignoreIndex);
    HloInstruction none = zeros(b, rows);
    HloInstruction losses = select(b, counted, CrossEntropy.known(b, logs, target, rows), none);
    if (reduction != Reduction.MEAN) {
      return convert(b, Losses.reduce(b, losses, reduction), type(scores));
    }
    Dims all = Dims.range(rank(rows));
    HloInstruction total = Reductions.fold(b, BinaryKind.ADD, select(b, counted, own, none), all);
    return convert(b, div(b, Reductions.fold(b, BinaryKind.ADD, losses, all), total), type(scores));
  }

  /**
   * Returns {@code Σ max(0, margin - x[target] + x[i])^p / C} over the other classes, as {@code
   * torch.nn.functional.multi_margin_loss}.
   *
   * @param scores [N, C] or [C]
   * @param target s32[N] or s32[]
   * @param weight [C], none if null
   * @param p 1 or 2
   */
  public static HloInstruction multiMargin(
      HloBuilder b,
      HloInstruction scores,
      HloInstruction target,
      @Nullable HloInstruction weight,
      int p,
      double margin,
      Reduction reduction) {
    if (p != 1 && p != 2) {
      throw refuse(b, "multiMargin: p must be 1 or 2, got " + p);
    }
    HloInstruction x = CrossEntropy.scores(b, "multiMargin", scores);
    if (rank(x) > 2) {
      throw refuse(b, "multiMargin: expected scores [N,C] or [C], got " + scores.shape());
    }
    HloInstruction classes = CrossEntropy.classes(b, "multiMargin", scores, target);
    Dims axes = CrossEntropy.classAxis(x);
    HloInstruction hot = CrossEntropy.oneHot(b, x, classes);
    HloInstruction zero = zeros(b, x);
    HloInstruction own = Reductions.fold(b, BinaryKind.ADD, select(b, hot, x, zero), axes);
    HloInstruction distance = add(b, sub(b, x, restore(b, own, dims(x), axes)), margin);
    HloInstruction positive = compare(b, ComparisonDirection.GT, distance, zero);
    HloInstruction hinge = select(b, positive, distance, zero);
    HloInstruction terms = select(b, hot, zero, p == 1 ? hinge : mul(b, hinge, hinge));
    if (weight != null) {
      HloInstruction weights = weights(b, "multiMargin", x, weight);
      HloInstruction picked =
          Reductions.fold(b, BinaryKind.ADD, select(b, hot, weights, zero), axes);
      terms = mul(b, terms, restore(b, picked, dims(x), axes));
    }
    HloInstruction rows = Reductions.meanOf(b, terms, axes);
    return convert(
        b, Losses.reduce(b, CrossEntropy.known(b, x, classes, rows), reduction), type(scores));
  }

  /**
   * Returns the mean over classes of the binary cross-entropy, as {@code
   * torch.nn.functional.multilabel_soft_margin_loss}.
   *
   * @param target 0 or 1, of the scores' shape
   * @param weight [C], none if null
   */
  public static HloInstruction multilabelSoftMargin(
      HloBuilder b,
      HloInstruction scores,
      HloInstruction target,
      @Nullable HloInstruction weight,
      Reduction reduction) {
    HloInstruction x = CrossEntropy.scores(b, "multilabelSoftMargin", scores);
    if (!dims(x).equals(dims(target))) {
      throw refuse(
          b,
          "multilabelSoftMargin of "
              + scores.shape()
              + ": the target needs the same dimensions, got "
              + target.shape());
    }
    HloInstruction t = convert(b, target, type(x));
    HloInstruction yes = mul(b, t, Activations.logSigmoidOf(b, x));
    HloInstruction no = mul(b, Primitives.rsub(b, 1, t), Activations.logSigmoidOf(b, negate(b, x)));
    HloInstruction terms = negate(b, add(b, yes, no));
    int last = rank(x) - 1;
    if (weight != null) {
      HloInstruction w = Elementwise.mul(b, terms, convert(b, weight, type(x)));
      terms = w;
    }
    HloInstruction rows = Reductions.meanOf(b, terms, Dims.of(last));
    return convert(b, Losses.reduce(b, rows, reduction), type(scores));
  }

  /** Returns the classes' weights in the shape of the scores. */
  private static HloInstruction weights(
      HloBuilder b, String op, HloInstruction x, HloInstruction weight) {
    Dims axes = CrossEntropy.classAxis(x);
    int classes = dims(x).get(axes.get(0));
    if (!dims(weight).equals(Dims.of(classes))) {
      throw refuse(
          b,
          op + " of " + x.shape() + ": expected weights [" + classes + "], got " + weight.shape());
    }
    return Primitives.broadcast(b, convert(b, weight, type(x)), dims(x), axes);
  }
}
