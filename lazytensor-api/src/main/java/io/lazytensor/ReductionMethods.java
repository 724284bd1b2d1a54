package io.lazytensor;

import static io.lazytensor.internal.ops.ReductionOps.*;

import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;

/** Folds along dimensions, part of {@link Tensor}. */
abstract sealed class ReductionMethods extends ComparisonMethods permits OrderMethods {
  ReductionMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  ReductionMethods() {}

  private Tensor reduce(CallKind kind, boolean keep, int... dims) {
    return Calls.call(kind, this, keep ? 1 : 0, dims);
  }

  private Tensor numbered(CallKind kind, double number, boolean keep, int... dims) {
    return Calls.call(kind, this, 0, new Options(number, keep, Dims.of(dims)));
  }

  /** Returns the sum over dimensions; over all if none are given. */
  public final Tensor sum(int... dims) {
    return reduce(SUM, false, dims);
  }

  /** Returns the sum over a dimension that stays with size 1. */
  public final Tensor sum(int dim, Tensor.KeepDim keep) {
    return reduce(SUM, true, dim);
  }

  /** Returns the sum over dimensions that stay with size 1. */
  public final Tensor sum(int[] dims, Tensor.KeepDim keep) {
    return reduce(SUM, true, dims);
  }

  /** Returns the mean over dimensions; over all if none are given. */
  public final Tensor mean(int... dims) {
    return reduce(MEAN, false, dims);
  }

  /** Returns the mean over a dimension that stays with size 1. */
  public final Tensor mean(int dim, Tensor.KeepDim keep) {
    return reduce(MEAN, true, dim);
  }

  /** Returns the mean over dimensions that stay with size 1. */
  public final Tensor mean(int[] dims, Tensor.KeepDim keep) {
    return reduce(MEAN, true, dims);
  }

  /**
   * Returns the greatest value; equal ones share the gradient over dimensions; over all if none are
   * given. PyTorch: {@code amax}.
   */
  public final Tensor max(int... dims) {
    return reduce(MAX, false, dims);
  }

  /**
   * Returns the greatest value; equal ones share the gradient over a dimension that stays with size
   * 1.
   */
  public final Tensor max(int dim, Tensor.KeepDim keep) {
    return reduce(MAX, true, dim);
  }

  /**
   * Returns the greatest value; equal ones share the gradient over dimensions that stay with size
   * 1.
   */
  public final Tensor max(int[] dims, Tensor.KeepDim keep) {
    return reduce(MAX, true, dims);
  }

  /**
   * Returns the least value; equal ones share the gradient over dimensions; over all if none are
   * given. PyTorch: {@code amin}.
   */
  public final Tensor min(int... dims) {
    return reduce(MIN, false, dims);
  }

  /**
   * Returns the least value; equal ones share the gradient over a dimension that stays with size 1.
   */
  public final Tensor min(int dim, Tensor.KeepDim keep) {
    return reduce(MIN, true, dim);
  }

  /**
   * Returns the least value; equal ones share the gradient over dimensions that stay with size 1.
   */
  public final Tensor min(int[] dims, Tensor.KeepDim keep) {
    return reduce(MIN, true, dims);
  }

  /** Returns the product over dimensions; over all if none are given. */
  public final Tensor prod(int... dims) {
    return reduce(PROD, false, dims);
  }

  /** Returns the product over a dimension that stays with size 1. */
  public final Tensor prod(int dim, Tensor.KeepDim keep) {
    return reduce(PROD, true, dim);
  }

  /** Returns the product over dimensions that stay with size 1. */
  public final Tensor prod(int[] dims, Tensor.KeepDim keep) {
    return reduce(PROD, true, dims);
  }

  /** Returns whether an element is not 0 over dimensions; over all if none are given. */
  public final Tensor any(int... dims) {
    return reduce(ANY, false, dims);
  }

  /** Returns whether an element is not 0 over a dimension that stays with size 1. */
  public final Tensor any(int dim, Tensor.KeepDim keep) {
    return reduce(ANY, true, dim);
  }

  /** Returns whether an element is not 0 over dimensions that stay with size 1. */
  public final Tensor any(int[] dims, Tensor.KeepDim keep) {
    return reduce(ANY, true, dims);
  }

  /** Returns whether no element is 0 over dimensions; over all if none are given. */
  public final Tensor all(int... dims) {
    return reduce(ALL, false, dims);
  }

  /** Returns whether no element is 0 over a dimension that stays with size 1. */
  public final Tensor all(int dim, Tensor.KeepDim keep) {
    return reduce(ALL, true, dim);
  }

  /** Returns whether no element is 0 over dimensions that stay with size 1. */
  public final Tensor all(int[] dims, Tensor.KeepDim keep) {
    return reduce(ALL, true, dims);
  }

  /**
   * Returns log(Σ exp(x)) over dimensions; over all if none are given. PyTorch: {@code logsumexp}.
   */
  public final Tensor logSumExp(int... dims) {
    return reduce(LOG_SUM_EXP, false, dims);
  }

  /** Returns log(Σ exp(x)) over a dimension that stays with size 1. */
  public final Tensor logSumExp(int dim, Tensor.KeepDim keep) {
    return reduce(LOG_SUM_EXP, true, dim);
  }

  /** Returns log(Σ exp(x)) over dimensions that stay with size 1. */
  public final Tensor logSumExp(int[] dims, Tensor.KeepDim keep) {
    return reduce(LOG_SUM_EXP, true, dims);
  }

  /** Returns the unbiased variance over dimensions; over all if none are given. */
  public final Tensor var(int... dims) {
    return numbered(VAR, 1, false, dims);
  }

  /** Returns the unbiased variance over a dimension that stays with size 1. */
  public final Tensor var(int dim, Tensor.KeepDim keep) {
    return numbered(VAR, 1, true, dim);
  }

  /**
   * Returns the variance over dimensions with a correction of their count: 0 for the population's.
   */
  public final Tensor var(Tensor.Correction correction, int... dims) {
    return numbered(VAR, correction.count(), false, dims);
  }

  /** Returns the variance with a correction over a dimension that stays with size 1. */
  public final Tensor var(Tensor.Correction correction, int dim, Tensor.KeepDim keep) {
    return numbered(VAR, correction.count(), true, dim);
  }

  /** Returns the unbiased standard deviation over dimensions; over all if none are given. */
  public final Tensor std(int... dims) {
    return numbered(STD, 1, false, dims);
  }

  /** Returns the unbiased standard deviation over a dimension that stays with size 1. */
  public final Tensor std(int dim, Tensor.KeepDim keep) {
    return numbered(STD, 1, true, dim);
  }

  /**
   * Returns the standard deviation over dimensions with a correction of their count: 0 for the
   * population's.
   */
  public final Tensor std(Tensor.Correction correction, int... dims) {
    return numbered(STD, correction.count(), false, dims);
  }

  /** Returns the standard deviation with a correction over a dimension that stays with size 1. */
  public final Tensor std(Tensor.Correction correction, int dim, Tensor.KeepDim keep) {
    return numbered(STD, correction.count(), true, dim);
  }

  /** Returns the Euclidean norm of all elements; its gradient at 0 is 0. */
  public final Tensor norm() {
    return numbered(NORM, 2, false);
  }

  /**
   * Returns the norm of an order over dimensions; over all if none are given. Infinity is the
   * greatest magnitude, 0 counts what is not 0.
   */
  public final Tensor norm(double order, int... dims) {
    return numbered(NORM, order, false, dims);
  }

  /** Returns the norm of an order over a dimension that stays with size 1. */
  public final Tensor norm(double order, int dim, Tensor.KeepDim keep) {
    return numbered(NORM, order, true, dim);
  }

  /**
   * Returns how many elements are not 0, {@code s32}, over dimensions; over all if none are given.
   */
  public final Tensor countNonzero(int... dims) {
    return call(COUNT_NONZERO, dims);
  }
}
