package io.lazytensor.internal.ops;

import static io.lazytensor.internal.ops.Kinds.indexed;
import static io.lazytensor.internal.ops.Kinds.ordered;
import static io.lazytensor.internal.ops.Kinds.unary;

import io.lazytensor.internal.lower.Ordering;
import io.lazytensor.internal.lower.Reductions;
import io.lazytensor.internal.lower.Scans;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;

/** Folds along dimensions, orders, and what is folded up to each element. */
public final class ReductionOps {
  private ReductionOps() {}

  /** A reduction with a number of its own: a correction, the order of a norm. */
  public record Options(double number, boolean keepDim, Dims dims) {}

  private interface Reducing {
    HloInstruction lower(HloBuilder builder, HloInstruction x, boolean keepDim, int... dims);
  }

  private interface Numbered {
    HloInstruction lower(
        HloBuilder builder, HloInstruction x, double number, boolean keepDim, int... dims);
  }

  private static CallKind reduction(String name, Reducing lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), c.literal() != 0, c.integers()));
  }

  private static CallKind numbered(String name, Numbered lowering) {
    return CallKind.of(
        name,
        (b, c) -> {
          Options o = c.attribute(Options.class);
          return lowering.lower(b, c.a(), o.number(), o.keepDim(), o.dims().toArray());
        });
  }

  public static final CallKind SUM = reduction("sum", Reductions::sum);
  public static final CallKind MEAN = reduction("mean", Reductions::mean);
  public static final CallKind MAX = reduction("max", Reductions::max);
  public static final CallKind MIN = reduction("min", Reductions::min);
  public static final CallKind PROD = reduction("prod", Reductions::prod);
  public static final CallKind ALL = reduction("all", Reductions::all);
  public static final CallKind ANY = reduction("any", Reductions::any);
  public static final CallKind LOG_SUM_EXP = reduction("logSumExp", Reductions::logSumExp);
  public static final CallKind VAR = numbered("var", Reductions::variance);
  public static final CallKind STD = numbered("std", Reductions::std);
  public static final CallKind NORM = numbered("norm", Reductions::norm);
  public static final CallKind COUNT_NONZERO = indexed("countNonzero", Reductions::countNonzero);

  public static final CallKind ARGMAX =
      indexed("argmax", (b, x, i) -> Reductions.argmax(b, x, i[0], i[1] != 0));
  public static final CallKind ARGMIN =
      indexed("argmin", (b, x, i) -> Reductions.argmin(b, x, i[0], i[1] != 0));
  public static final CallKind ARGMAX_ALL = unary("argmax", Reductions::argmax);
  public static final CallKind ARGMIN_ALL = unary("argmin", Reductions::argmin);
  public static final CallKind MAX_WITH_INDICES =
      ordered("maxWithIndices", (b, x, i) -> Ordering.max(b, x, i[0], i[1] != 0));
  public static final CallKind MIN_WITH_INDICES =
      ordered("minWithIndices", (b, x, i) -> Ordering.min(b, x, i[0], i[1] != 0));
  public static final CallKind MEDIAN_ALL = unary("median", Reductions::median);
  public static final CallKind MEDIAN = ordered("median", (b, x, i) -> Ordering.median(b, x, i[0]));
  public static final CallKind SORT =
      ordered("sort", (b, x, i) -> Ordering.sort(b, x, i[0], i[1] != 0));
  public static final CallKind ARGSORT =
      indexed("argsort", (b, x, i) -> Ordering.sort(b, x, i[0], i[1] != 0).indices());
  public static final CallKind TOPK =
      ordered("topk", (b, x, i) -> Ordering.topk(b, x, i[0], i[1], i[2] != 0));

  public static final CallKind CUMSUM = indexed("cumsum", (b, x, i) -> Scans.cumsum(b, x, i[0]));
  public static final CallKind CUMPROD = indexed("cumprod", (b, x, i) -> Scans.cumprod(b, x, i[0]));
  public static final CallKind LOG_CUMSUM_EXP =
      indexed("logCumsumExp", (b, x, i) -> Scans.logCumsumExp(b, x, i[0]));
  public static final CallKind CUMMAX = ordered("cummax", (b, x, i) -> Ordering.cummax(b, x, i[0]));
  public static final CallKind CUMMIN = ordered("cummin", (b, x, i) -> Ordering.cummin(b, x, i[0]));
}
