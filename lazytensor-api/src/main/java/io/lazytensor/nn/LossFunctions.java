package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.FunctionOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;

/** Losses, part of {@link F}. */
abstract sealed class LossFunctions extends ActivationFunctions permits LayerFunctions {
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
    return crossEntropy(logits, target, Reduction.MEAN, -100, 0);
  }

  /**
   * Returns the cross-entropy of scores before softmax.
   *
   * @param ignoreIndex the class number that does not count
   * @param labelSmoothing the share of the target spread over all classes, 0 to 1
   */
  public static Tensor crossEntropy(
      Tensor logits, Tensor target, Reduction reduction, int ignoreIndex, double labelSmoothing) {
    return Calls.call(
        FunctionOps.CROSS_ENTROPY,
        logits,
        target,
        0,
        new FunctionOps.ClassLoss(reduction, ignoreIndex, labelSmoothing));
  }

  /** Returns the mean squared difference. */
  public static Tensor mse(Tensor prediction, Tensor target) {
    return loss(FunctionOps.MSE, prediction, target, Reduction.MEAN);
  }

  /** Returns the squared differences, reduced. */
  public static Tensor mse(Tensor prediction, Tensor target, Reduction reduction) {
    return loss(FunctionOps.MSE, prediction, target, reduction);
  }

  /** Returns the mean absolute difference. */
  public static Tensor l1(Tensor prediction, Tensor target) {
    return loss(FunctionOps.L1, prediction, target, Reduction.MEAN);
  }

  /** Returns the mean binary cross-entropy of probabilities. */
  public static Tensor bce(Tensor probability, Tensor target) {
    return loss(FunctionOps.BCE, probability, target, Reduction.MEAN);
  }

  /** Returns the mean binary cross-entropy of scores before the sigmoid. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target) {
    return loss(FunctionOps.BCE_WITH_LOGITS, logits, target, Reduction.MEAN);
  }

  /** Returns the binary cross-entropy of scores before the sigmoid, reduced. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target, Reduction reduction) {
    return loss(FunctionOps.BCE_WITH_LOGITS, logits, target, reduction);
  }

  private static Tensor loss(CallKind kind, Tensor prediction, Tensor target, Reduction reduction) {
    return Calls.call(kind, prediction, target, reduction.ordinal(), null);
  }
}
