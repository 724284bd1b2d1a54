package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.LossOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import java.util.Optional;

/** Losses of predictions against targets, part of {@link F}. */
abstract sealed class LossFunctions extends EmbeddingLossFunctions permits WindowFunctions {
  LossFunctions() {}

  /**
   * Returns the mean cross-entropy of scores before softmax.
   *
   * @param logits {@code [N, C]}, {@code [N, C, …]} or {@code [C]}
   * @param target {@code s32} classes {@code [N]}, {@code [N, …]} or {@code []}, of which -100 does
   *     not count; or probabilities of the logits' shape
   * @return {@code f32[]}
   */
  public static Tensor crossEntropy(Tensor logits, Tensor target) {
    return crossEntropy(logits, target, ClassLossOptions.DEFAULT);
  }

  /**
   * Returns the cross-entropy of scores before softmax.
   *
   * @param ignoreIndex the class number that does not count
   * @param labelSmoothing the share of the target spread over all classes, 0 to 1
   */
  public static Tensor crossEntropy(
      Tensor logits, Tensor target, Reduction reduction, int ignoreIndex, double labelSmoothing) {
    return crossEntropy(
        logits,
        target,
        new ClassLossOptions(reduction, ignoreIndex, labelSmoothing, Optional.empty()));
  }

  /** Returns the cross-entropy of scores before softmax; shapes as without options. */
  public static Tensor crossEntropy(Tensor logits, Tensor target, ClassLossOptions options) {
    return classes(LossOps.CROSS_ENTROPY, logits, target, options);
  }

  /**
   * Returns the mean negative log likelihood.
   *
   * @param logProbability {@code [N, C]}, {@code [N, C, …]} or {@code [C]}
   * @param target {@code s32} classes {@code [N]}, {@code [N, …]} or {@code []}
   */
  public static Tensor nll(Tensor logProbability, Tensor target) {
    return nll(logProbability, target, ClassLossOptions.DEFAULT);
  }

  /** Returns the negative log likelihood; shapes as without options. */
  public static Tensor nll(Tensor logProbability, Tensor target, ClassLossOptions options) {
    if (options.labelSmoothing() != 0) {
      throw new LayerException("nll takes no label smoothing, crossEntropy does");
    }
    return classes(LossOps.NLL, logProbability, target, options);
  }

  private static Tensor classes(
      CallKind kind, Tensor scores, Tensor target, ClassLossOptions options) {
    return OperandList.of(scores, target)
        .with(options.weight())
        .record(
            kind,
            new LossOps.Classes(
                options.reduction(),
                options.ignoreIndex(),
                options.labelSmoothing(),
                options.weight().isPresent()));
  }

  /** Returns the mean squared difference. */
  public static Tensor mse(Tensor prediction, Tensor target) {
    return mse(prediction, target, Reduction.MEAN);
  }

  /** Returns the squared differences, reduced. */
  public static Tensor mse(Tensor prediction, Tensor target, Reduction reduction) {
    return Calls.call(LossOps.MSE, prediction, target, reduction.ordinal(), null);
  }

  /** Returns the mean absolute difference. */
  public static Tensor l1(Tensor prediction, Tensor target) {
    return l1(prediction, target, Reduction.MEAN);
  }

  /** Returns the absolute differences, reduced. */
  public static Tensor l1(Tensor prediction, Tensor target, Reduction reduction) {
    return Calls.call(LossOps.L1, prediction, target, reduction.ordinal(), null);
  }

  /** Returns the mean of differences, squared below 1 and absolute above. */
  public static Tensor smoothL1(Tensor prediction, Tensor target) {
    return smoothL1(prediction, target, 1, Reduction.MEAN);
  }

  /**
   * Returns differences that are squared below a bound and absolute above: {@code ½ d² / beta},
   * {@code |d| - ½ beta}.
   *
   * @param beta the bound; 0 is {@link #l1}
   */
  public static Tensor smoothL1(
      Tensor prediction, Tensor target, double beta, Reduction reduction) {
    if (!(beta >= 0)) {
      throw new LayerException("smoothL1: beta must not be negative, got " + beta);
    }
    return bounded(LossOps.SMOOTH_L1, prediction, target, beta, reduction);
  }

  /** Returns the mean of Huber's loss with delta 1. */
  public static Tensor huber(Tensor prediction, Tensor target) {
    return huber(prediction, target, 1, Reduction.MEAN);
  }

  /**
   * Returns Huber's loss: {@code ½ d²} up to a bound, {@code delta (|d| - ½ delta)} above.
   *
   * @param delta the bound
   */
  public static Tensor huber(Tensor prediction, Tensor target, double delta, Reduction reduction) {
    if (!(delta > 0)) {
      throw new LayerException("huber: delta must be above 0, got " + delta);
    }
    return bounded(LossOps.HUBER, prediction, target, delta, reduction);
  }

  private static Tensor bounded(
      CallKind kind, Tensor prediction, Tensor target, double bound, Reduction reduction) {
    return Calls.call(kind, prediction, target, 0, LossOps.Margin.of(reduction, bound));
  }

  /** Returns the mean binary cross-entropy of probabilities. */
  public static Tensor bce(Tensor probability, Tensor target) {
    return bce(probability, target, BinaryLossOptions.DEFAULT);
  }

  /** Returns the binary cross-entropy of probabilities. */
  public static Tensor bce(Tensor probability, Tensor target, BinaryLossOptions options) {
    if (options.positiveWeight().isPresent()) {
      throw new LayerException("bce takes no weight of positive targets, bceWithLogits does");
    }
    return binary(LossOps.BCE, probability, target, options);
  }

  /** Returns the mean binary cross-entropy of scores before the sigmoid. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target) {
    return bceWithLogits(logits, target, BinaryLossOptions.DEFAULT);
  }

  /** Returns the binary cross-entropy of scores before the sigmoid, reduced. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target, Reduction reduction) {
    return bceWithLogits(logits, target, BinaryLossOptions.DEFAULT.withReduction(reduction));
  }

  /** Returns the binary cross-entropy of scores before the sigmoid. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target, BinaryLossOptions options) {
    return binary(LossOps.BCE_WITH_LOGITS, logits, target, options);
  }

  private static Tensor binary(
      CallKind kind, Tensor prediction, Tensor target, BinaryLossOptions options) {
    return OperandList.of(prediction, target)
        .with(options.weight())
        .with(options.positiveWeight())
        .record(
            kind,
            new LossOps.Binary(
                options.reduction(),
                options.weight().isPresent(),
                options.positiveWeight().isPresent()));
  }

  /**
   * Returns the Kullback-Leibler divergence {@code t (log t - x)}, divided by the size of dimension
   * 0. PyTorch: {@code kl_div} with the reduction {@code batchmean}, the mathematical one.
   *
   * @param logProbability logarithms of the predicted probabilities
   * @param target probabilities, or their logarithms
   */
  public static Tensor klDivBatchMean(Tensor logProbability, Tensor target, boolean logTarget) {
    return divergence(logProbability, target, Reduction.SUM, logTarget, true);
  }

  /** Returns the Kullback-Leibler divergence, reduced; its mean is one of all elements. */
  public static Tensor klDiv(
      Tensor logProbability, Tensor target, Reduction reduction, boolean logTarget) {
    return divergence(logProbability, target, reduction, logTarget, false);
  }

  private static Tensor divergence(
      Tensor x, Tensor target, Reduction reduction, boolean logTarget, boolean perBatch) {
    return OperandList.of(x, target)
        .record(LossOps.KL_DIV, new LossOps.Likelihood(reduction, logTarget, perBatch, 0));
  }

  /** Returns the mean of {@code exp(x) - t x}. */
  public static Tensor poissonNll(Tensor logRate, Tensor target) {
    return poissonNll(logRate, target, true, false, 1e-8, Reduction.MEAN);
  }

  /**
   * Returns the negative log likelihood of counts: {@code exp(x) - t x}, or {@code x - t log(x +
   * eps)}.
   *
   * @param logInput whether x is the logarithm of the rate
   * @param full whether Stirling's approximation of {@code log t!} is added for targets above 1
   */
  public static Tensor poissonNll(
      Tensor x, Tensor target, boolean logInput, boolean full, double eps, Reduction reduction) {
    return OperandList.of(x, target)
        .record(LossOps.POISSON_NLL, new LossOps.Likelihood(reduction, logInput, full, eps));
  }

  /** Returns the mean of {@code ½ (log v + (x - t)² / v)}, with variances of at least 1e-6. */
  public static Tensor gaussianNll(Tensor x, Tensor target, Tensor variance) {
    return gaussianNll(x, target, variance, false, 1e-6, Reduction.MEAN);
  }

  /**
   * Returns the negative log likelihood of real numbers: {@code ½ (log v + (x - t)² / v)}.
   *
   * @param variance of x's shape, raised to eps at least
   * @param full whether {@code ½ log 2π} is added
   */
  public static Tensor gaussianNll(
      Tensor x, Tensor target, Tensor variance, boolean full, double eps, Reduction reduction) {
    return OperandList.of(x, target, variance)
        .record(LossOps.GAUSSIAN_NLL, new LossOps.Likelihood(reduction, false, full, eps));
  }
}
