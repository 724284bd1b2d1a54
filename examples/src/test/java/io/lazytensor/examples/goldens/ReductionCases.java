package io.lazytensor.examples.goldens;

import static io.lazytensor.nn.F.correction;
import static io.lazytensor.nn.F.keepDim;

import io.lazytensor.Tensor;

/** Reductions, running folds, orders. */
final class ReductionCases {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  private ReductionCases() {}

  static void add(GoldenTable t) {
    sums(t);
    variances(t);
    extremes(t);
    norms(t);
    truths(t);
    scans(t);
    orders(t);
  }

  private static void sums(GoldenTable t) {
    t.one("sumAll", Tensor::sum);
    t.one("sumDim", x -> x.sum(1));
    t.one("sumDims", x -> x.sum(0, -1));
    t.one("sumKeep", x -> x.sum(-1, keepDim));
    t.one("sumDimsKeep", x -> x.sum(new int[] {0, 2}, keepDim));
    t.one("sumBools", Tensor::sum);
    t.one("sumInts", x -> x.sum(0));
    t.one("meanAll", Tensor::mean);
    t.one("meanDim", x -> x.mean(0));
    t.one("meanKeep", x -> x.mean(1, keepDim));
    t.one("prodAll", Tensor::prod);
    t.one("prodDim", x -> x.prod(1));
    t.one("prodZeros", x -> x.prod(1));
    t.one("logSumExp", x -> x.logSumExp(1));
    t.one("logSumExpDims", x -> x.logSumExp(0, 2));
    t.one("logSumExpKeep", x -> x.logSumExp(1, keepDim));
    t.one("logSumExpLarge", x -> x.logSumExp(0));
  }

  private static void variances(GoldenTable t) {
    t.one("varAll", Tensor::var);
    t.one("varDim", x -> x.var(1));
    t.one("varKeep", x -> x.var(-1, keepDim));
    t.one("varBiased", x -> x.var(correction(0), 1));
    t.one("varCorrected", x -> x.var(correction(2), 2, keepDim));
    t.one("stdAll", Tensor::std);
    t.one("stdDim", x -> x.std(1));
    t.one("stdKeep", x -> x.std(-1, keepDim));
    t.one("stdBiased", x -> x.std(correction(0), 1));
    t.one("stdCorrected", x -> x.std(correction(2), 2, keepDim));
    t.one("stdZeroKink", Tensor::std);
  }

  private static void extremes(GoldenTable t) {
    t.one("maxAll", Tensor::max);
    t.one("maxDim", x -> x.max(1));
    t.one("minDim", x -> x.min(0));
    t.one("minKeep", x -> x.min(1, keepDim));
    t.one("maxKink", x -> x.max(1));
    t.one("maxNan", x -> x.max(1));
    t.pair("maxWithIndices", x -> x.maxWithIndices(1));
    t.pair("minWithIndices", x -> x.minWithIndices(0));
    t.pair("maxWithIndicesKeep", x -> x.maxWithIndices(1, keepDim));
    t.pair("maxWithIndicesKink", x -> x.maxWithIndices(1));
    t.one("argmax", x -> x.argmax(1));
    t.one("argmaxAll", Tensor::argmax);
    t.one("argminKeep", x -> x.argmin(0, keepDim));
    t.one("argmaxTies", x -> x.argmax(1));
    t.one("argmaxInts", Tensor::argmax);
    t.one("median", Tensor::median);
    t.one("medianKink", Tensor::median);
    t.one("medianNan", Tensor::median);
    t.pair("medianDim", x -> x.median(1));
  }

  private static void norms(GoldenTable t) {
    t.one("norm", Tensor::norm);
    t.one("normDim", x -> x.norm(2, 1));
    t.one("normKeep", x -> x.norm(2, 0, keepDim));
    t.one("norm1", x -> x.norm(1, 1));
    t.one("norm3", x -> x.norm(3, 1));
    t.one("norm15", x -> x.norm(1.5, 1));
    t.one("norm05", x -> x.norm(0.5, 1));
    t.one("normInf", x -> x.norm(INFINITY, 1));
    t.one("normMinusInf", x -> x.norm(-INFINITY, 1));
    t.one("norm0", x -> x.norm(0));
    t.one("normZeroKink", x -> x.norm(2, 1));
    t.one("norm3ZeroKink", x -> x.norm(3, 1));
    t.one("norm1ZeroKink", x -> x.norm(1, 1));
  }

  private static void truths(GoldenTable t) {
    t.one("any", x -> x.any(1));
    t.one("anyAll", Tensor::any);
    t.one("all", x -> x.all(0, keepDim));
    t.one("countNonzero", Tensor::countNonzero);
    t.one("countNonzeroDim", x -> x.countNonzero(1));
  }

  private static void scans(GoldenTable t) {
    t.one("cumsum", x -> x.cumsum(1));
    t.one("cumsumFirst", x -> x.cumsum(0));
    t.one("cumsumInts", x -> x.cumsum(0));
    t.one("cumsumBools", x -> x.cumsum(0));
    t.one("cumprod", x -> x.cumprod(1));
    t.one("cumprodZeros", x -> x.cumprod(0));
    t.one("logCumsumExp", x -> x.logCumsumExp(1));
    t.pair("cummax", x -> x.cummax(1));
    t.pair("cummaxKink", x -> x.cummax(0));
    t.pair("cummin", x -> x.cummin(0));
  }

  private static void orders(GoldenTable t) {
    t.pair("sort", x -> x.sort(1));
    t.pair("sortDescending", x -> x.sort(0, true));
    t.pair("sortKink", x -> x.sort(0));
    t.pair("sortDescendingKink", x -> x.sort(0, true));
    t.pair("sortInts", x -> x.sort(0));
    t.pair("sortBools", x -> x.sort(0));
    t.one("argsort", x -> x.argsort(1));
    t.one("argsortDescending", x -> x.argsort(0, true));
    t.pair("topk", x -> x.topk(3));
    t.pair("topkSmallest", x -> x.topk(2, 0, false));
  }
}
