package io.lazytensor;

import static io.lazytensor.internal.ops.ReductionOps.*;

import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;

/** What orders elements, or depends on their order, part of {@link Tensor}. */
abstract sealed class OrderMethods extends ReductionMethods permits ShapeMethods {
  OrderMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  OrderMethods() {}

  /** Returns the index of the first greatest value of the flattened tensor, {@code s32[]}. */
  public final Tensor argmax() {
    return call(ARGMAX_ALL);
  }

  /** Returns the index of the first greatest value along a dimension, {@code s32}. */
  public final Tensor argmax(int dim) {
    return call(ARGMAX, dim, 0);
  }

  /** Returns the index of the first greatest value along a dimension that stays with size 1. */
  public final Tensor argmax(int dim, Tensor.KeepDim keep) {
    return call(ARGMAX, dim, 1);
  }

  /** Returns the index of the first least value of the flattened tensor, {@code s32[]}. */
  public final Tensor argmin() {
    return call(ARGMIN_ALL);
  }

  /** Returns the index of the first least value along a dimension, {@code s32}. */
  public final Tensor argmin(int dim) {
    return call(ARGMIN, dim, 0);
  }

  /** Returns the index of the first least value along a dimension that stays with size 1. */
  public final Tensor argmin(int dim, Tensor.KeepDim keep) {
    return call(ARGMIN, dim, 1);
  }

  /**
   * Returns the greatest value along a dimension and its first index; that element alone gets the
   * gradient. PyTorch: {@code max}.
   */
  public final ValuesAndIndices maxWithIndices(int dim) {
    return ordered(MAX_WITH_INDICES, dim, 0);
  }

  /** Returns the greatest value and its first index along a dimension that stays with size 1. */
  public final ValuesAndIndices maxWithIndices(int dim, Tensor.KeepDim keep) {
    return ordered(MAX_WITH_INDICES, dim, 1);
  }

  /**
   * Returns the least value along a dimension and its first index; that element alone gets the
   * gradient. PyTorch: {@code min}.
   */
  public final ValuesAndIndices minWithIndices(int dim) {
    return ordered(MIN_WITH_INDICES, dim, 0);
  }

  /** Returns the least value and its first index along a dimension that stays with size 1. */
  public final ValuesAndIndices minWithIndices(int dim, Tensor.KeepDim keep) {
    return ordered(MIN_WITH_INDICES, dim, 1);
  }

  /** Returns the lower median of all elements, NaN if there is one. */
  public final Tensor median() {
    return call(MEDIAN_ALL);
  }

  /** Returns the lower median along a dimension and its index. */
  public final ValuesAndIndices median(int dim) {
    return ordered(MEDIAN, dim);
  }

  /**
   * Returns this in ascending order along a dimension; equal elements keep their order, NaN comes
   * last.
   */
  public final ValuesAndIndices sort(int dim) {
    return ordered(SORT, dim, 0);
  }

  /** Returns this in ascending or descending order along a dimension. */
  public final ValuesAndIndices sort(int dim, boolean descending) {
    return ordered(SORT, dim, descending ? 1 : 0);
  }

  /** Returns the indices that sort a dimension in ascending order, {@code s32}. */
  public final Tensor argsort(int dim) {
    return call(ARGSORT, dim, 0);
  }

  /** Returns the indices that sort a dimension in ascending or descending order, {@code s32}. */
  public final Tensor argsort(int dim, boolean descending) {
    return call(ARGSORT, dim, descending ? 1 : 0);
  }

  /** Returns the k greatest elements along the last dimension, in descending order. */
  public final ValuesAndIndices topk(int k) {
    return ordered(TOPK, k, -1, 1);
  }

  /** Returns the k greatest elements along a dimension, or the least in ascending order. */
  public final ValuesAndIndices topk(int k, int dim, boolean largest) {
    return ordered(TOPK, k, dim, largest ? 1 : 0);
  }

  /** Returns running sums along a dimension. */
  public final Tensor cumsum(int dim) {
    return call(CUMSUM, new int[] {dim});
  }

  /** Returns running products along a dimension. */
  public final Tensor cumprod(int dim) {
    return call(CUMPROD, new int[] {dim});
  }

  /** Returns running log(Σ exp(x)) along a dimension. PyTorch: {@code logcumsumexp}. */
  public final Tensor logCumsumExp(int dim) {
    return call(LOG_CUMSUM_EXP, new int[] {dim});
  }

  /** Returns running maxima along a dimension and the last index of each. */
  public final ValuesAndIndices cummax(int dim) {
    return ordered(CUMMAX, dim);
  }

  /** Returns running minima along a dimension and the last index of each. */
  public final ValuesAndIndices cummin(int dim) {
    return ordered(CUMMIN, dim);
  }
}
