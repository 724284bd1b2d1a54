package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.LossScaling;
import io.lazytensor.internal.lower.WeightAverage;
import io.lazytensor.internal.record.Assignments;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/** The calls beside an optimizer's step: loss scales, averages of weights. */
public final class ScalingOps {
  private ScalingOps() {}

  /** Operands: gradients. Result: pred[]. */
  public static final CallKind ALL_FINITE =
      CallKind.many(
          "allFinite", (b, c) -> new HloInstruction[] {LossScaling.allFinite(b, c.operands())});

  /** Operands: gradients, then a scalar. Results: the products. */
  public static final CallKind SCALE_BY =
      CallKind.many(
          "scale",
          (b, c) -> {
            List<HloInstruction> gradients = c.operands().subList(0, c.operands().size() - 1);
            HloInstruction factor = c.operands().getLast();
            return gradients.stream()
                .map(
                    g -> Elementwise.mul(b, g, Elementwise.cast(b, factor, g.arrayShape().dtype())))
                .toArray(HloInstruction[]::new);
          });

  /** Operands: scale, tracker, skipped, overflow. Results: what is assigned to the first three. */
  public static final CallKind UPDATE_SCALE =
      CallKind.many(
          "updateScale",
          (b, c) -> {
            List<HloInstruction> in = c.operands();
            LossScaling.Policy policy = c.attribute(LossScaling.Policy.class);
            return stopped(
                b, LossScaling.update(b, in.get(0), in.get(1), in.get(2), in.get(3), policy));
          });

  /**
   * Operands: the count of averages, then pairs of an average and what is averaged. The literal is
   * the share that stays. Results: what is assigned to count and averages.
   */
  public static final CallKind AVERAGE =
      CallKind.many(
          "average", (b, c) -> stopped(b, WeightAverage.update(b, c.operands(), c.number())));

  private static HloInstruction[] stopped(HloBuilder b, List<HloInstruction> values) {
    return values.stream().map(x -> Assignments.stopped(b, x)).toArray(HloInstruction[]::new);
  }
}
