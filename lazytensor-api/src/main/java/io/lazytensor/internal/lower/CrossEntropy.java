package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.exp;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.iota;
import static io.lazytensor.internal.lower.Primitives.log;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;

/**
 * Losses of class scores. Classes are dimension 1 of [N, C] and [N, C, d1, …], dimension 0 of [C],
 * as in PyTorch ({@code torch.nn.functional.cross_entropy}).
 */
public final class CrossEntropy {
  /** PyTorch's default of the target that does not count. */
  public static final int DEFAULT_IGNORE_INDEX = -100;

  private CrossEntropy() {}

  /**
   * Returns the cross-entropy of scores before softmax.
   *
   * <p>The gradient is softmax minus target, in one piece. A target that is neither a class nor
   * {@code ignoreIndex} makes its loss NaN: on a device nothing else can speak up.
   *
   * @param logits [N, C], [N, C, d1, …] or [C]
   * @param target integer classes [N], [N, d1, …] or []; or probabilities of the logits' shape
   * @param reduction {@code MEAN} divides by the targets that are not ignored; with probabilities
   *     by all of them
   * @param ignoreIndex the class number that does not count; unused with probabilities
   * @param labelSmoothing the share of the target spread over all classes, 0 to 1
   */
  public static HloInstruction crossEntropy(
      HloBuilder b,
      HloInstruction logits,
      HloInstruction target,
      Reduction reduction,
      int ignoreIndex,
      double labelSmoothing) {
    HloInstruction x = scores(b, "crossEntropy", logits);
    if (labelSmoothing < 0 || labelSmoothing > 1) {
      throw refuse(b, "crossEntropy: labelSmoothing must be 0 to 1, got " + labelSmoothing);
    }
    if (type(target).isFloating()) {
      return ofProbabilities(b, logits, x, target, reduction, labelSmoothing);
    }
    HloInstruction classes = classes(b, "crossEntropy", logits, target);
    HloInstruction rows = rows(b, x, oneHot(b, x, classes), labelSmoothing);
    return finish(b, rows, classes, x, reduction, ignoreIndex, type(logits));
  }

  /** Returns log Σ exp(x) - x[target], mixed with the mean of that over all targets. */
  private static HloInstruction rows(
      HloBuilder b, HloInstruction x, HloInstruction hot, double smoothing) {
    Dims axes = classAxis(x);
    Dims dims = dims(x);
    HloInstruction z = Activations.shifted(b, x, axes);
    HloInstruction powers = exp(b, z);
    HloInstruction total = Reductions.fold(b, BinaryKind.ADD, powers, axes);
    HloInstruction level = log(b, total);
    HloInstruction picked = pick(b, z, hot, axes);
    HloInstruction loss = sub(b, level, picked);
    int classes = dims.get(axes.get(0));
    if (smoothing > 0) {
      HloInstruction all = sub(b, restore(b, level, dims, axes), z);
      HloInstruction spread = Reductions.fold(b, BinaryKind.ADD, all, axes);
      loss = add(b, mul(b, loss, 1 - smoothing), mul(b, spread, smoothing / classes));
    }
    return withGradient(
        loss,
        x,
        (g, in, out, gradient) -> {
          HloInstruction softmax = div(g, powers, restore(g, total, dims, axes));
          HloInstruction wanted = convert(g, hot, type(x));
          if (smoothing > 0) {
            wanted = add(g, mul(g, wanted, 1 - smoothing), smoothing / classes);
          }
          return mul(g, sub(g, softmax, wanted), restore(g, gradient, dims, axes));
        });
  }

  private static HloInstruction ofProbabilities(
      HloBuilder b,
      HloInstruction logits,
      HloInstruction x,
      HloInstruction target,
      Reduction reduction,
      double smoothing) {
    Dims axes = classAxis(x);
    HloInstruction wanted = smoothed(b, logits, x, target, smoothing);
    HloInstruction logs = Activations.logSoftmaxOf(b, x, axes);
    HloInstruction rows = negate(b, Reductions.fold(b, BinaryKind.ADD, mul(b, wanted, logs), axes));
    return convert(b, Losses.reduce(b, rows, reduction), type(logits));
  }

  /** Returns target probabilities, mixed with equal ones. */
  static HloInstruction smoothed(
      HloBuilder b,
      HloInstruction logits,
      HloInstruction x,
      HloInstruction target,
      double smoothing) {
    if (!dims(target).equals(dims(logits))) {
      throw refuse(
          b,
          "crossEntropy of logits "
              + logits.shape()
              + ": target probabilities need the same shape, got "
              + target.shape());
    }
    HloInstruction wanted = convert(b, target, type(x));
    if (smoothing > 0) {
      double share = smoothing / dims(x).get(classAxis(x).get(0));
      wanted = add(b, mul(b, wanted, 1 - smoothing), share);
    }
    return wanted;
  }

  /**
   * Returns the negative log likelihood.
   *
   * @param logProbabilities [N, C], [N, C, d1, …] or [C]
   * @param target integer classes [N], [N, d1, …] or []
   */
  public static HloInstruction nll(
      HloBuilder b,
      HloInstruction logProbabilities,
      HloInstruction target,
      Reduction reduction,
      int ignoreIndex) {
    HloInstruction x = scores(b, "nll", logProbabilities);
    HloInstruction classes = classes(b, "nll", logProbabilities, target);
    HloInstruction rows = negate(b, pick(b, x, oneHot(b, x, classes), classAxis(x)));
    return finish(b, rows, classes, x, reduction, ignoreIndex, type(logProbabilities));
  }

  /** Reduces losses per target, without the ignored ones. */
  private static HloInstruction finish(
      HloBuilder b,
      HloInstruction rows,
      HloInstruction target,
      HloInstruction x,
      Reduction reduction,
      int ignoreIndex,
      DType result) {
    HloInstruction zero = Primitives.zeros(b, rows);
    HloInstruction counted = compare(b, ComparisonDirection.NE, target, ignoreIndex);
    HloInstruction losses = select(b, counted, known(b, x, target, rows), zero);
    HloInstruction reduced =
        switch (reduction) {
          case NONE, SUM -> Losses.reduce(b, losses, reduction);
          case MEAN -> {
            Dims all = Dims.range(rank(rows));
            HloInstruction sum = Reductions.fold(b, BinaryKind.ADD, losses, all);
            HloInstruction ones = convert(b, counted, type(rows));
            yield div(b, sum, Reductions.fold(b, BinaryKind.ADD, ones, all));
          }
        };
    return convert(b, reduced, result);
  }

  /** Returns losses that are NaN where the target is no class. */
  static HloInstruction known(
      HloBuilder b, HloInstruction x, HloInstruction target, HloInstruction rows) {
    int last = dims(x).get(classAxis(x).get(0)) - 1;
    HloInstruction nearest = Primitives.clamp(b, 0, target, last);
    HloInstruction known = compare(b, ComparisonDirection.EQ, nearest, target);
    HloInstruction nan = filled(b, type(rows), dims(rows), Double.NaN);
    return select(b, known, rows, nan);
  }

  private static HloInstruction pick(
      HloBuilder b, HloInstruction x, HloInstruction hot, Dims axes) {
    HloInstruction picked = select(b, hot, x, Primitives.zeros(b, x));
    return Reductions.fold(b, BinaryKind.ADD, picked, axes);
  }

  /** Returns pred of the scores' shape: whether a class is the target. */
  static HloInstruction oneHot(HloBuilder b, HloInstruction x, HloInstruction target) {
    Dims axes = classAxis(x);
    HloInstruction classes = iota(b, type(target), dims(x), axes.get(0));
    HloInstruction wanted = restore(b, target, dims(x), axes);
    return compare(b, ComparisonDirection.EQ, classes, wanted);
  }

  static Dims classAxis(HloInstruction x) {
    return Dims.of(rank(x) == 1 ? 0 : 1);
  }

  static HloInstruction scores(HloBuilder b, String op, HloInstruction x) {
    if (rank(x) == 0 || !type(x).isFloating()) {
      throw refuse(b, op + ": expected class scores f32[N,C] or f32[N,C,…], got " + x.shape());
    }
    return widen(b, x);
  }

  static HloInstruction classes(HloBuilder b, String op, HloInstruction x, HloInstruction target) {
    Dims expected = Shapes.removed(dims(x), classAxis(x).get(0));
    if (!type(target).isInteger() || !dims(target).equals(expected)) {
      throw refuse(
          b,
          op
              + " of "
              + x.shape()
              + ": expected a target s32["
              + expected
              + "] of class numbers, got "
              + target.shape());
    }
    // Narrow and unsigned types cannot say -100.
    return convert(b, target, DType.S32);
  }
}
