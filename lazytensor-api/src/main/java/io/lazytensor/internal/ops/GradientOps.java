package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.GradientClipping;
import io.lazytensor.internal.lower.Promotion;
import io.lazytensor.internal.record.Assignments;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/** The calls that treat many gradients at once. */
public final class GradientOps {
  private GradientOps() {}

  public static final CallKind NORM =
      CallKind.many(
          "norm", (b, c) -> new HloInstruction[] {GradientClipping.globalNorm(b, c.operands())});
  public static final CallKind CLIP_NORM =
      CallKind.many(
          "clipNorm",
          (b, c) -> {
            List<HloInstruction> gradients = c.operands();
            HloInstruction norm = GradientClipping.globalNorm(b, gradients);
            return GradientClipping.clipNorm(b, gradients, norm, c.number())
                .toArray(HloInstruction[]::new);
          });
  public static final CallKind CLIP_VALUE =
      CallKind.many(
          "clipValue",
          (b, c) ->
              GradientClipping.clipValue(b, c.operands(), c.number())
                  .toArray(HloInstruction[]::new));

  public static final CallKind SCALE =
      CallKind.many(
          "scale",
          (b, c) ->
              c.operands().stream()
                  .map(g -> Elementwise.mul(b, g, Promotion.literal(b, c.number(), g)))
                  .toArray(HloInstruction[]::new));

  /** Operands: pairs of a sum and what is added to it, times the number. Results: new sums. */
  public static final CallKind ACCUMULATE =
      CallKind.many(
          "accumulate",
          (b, c) -> {
            List<HloInstruction> pairs = c.operands();
            HloInstruction[] out = new HloInstruction[pairs.size() / 2];
            for (int i = 0; i < out.length; i++) {
              HloInstruction added = pairs.get(2 * i + 1);
              HloInstruction share =
                  Elementwise.mul(b, added, Promotion.literal(b, c.number(), added));
              out[i] = stopped(b, Elementwise.add(b, pairs.get(2 * i), share));
            }
            return out;
          });

  /** Operands: sums. Results: what they were, then as many zeros. */
  public static final CallKind TAKE =
      CallKind.many(
          "take",
          (b, c) -> {
            List<HloInstruction> sums = c.operands();
            HloInstruction[] out = new HloInstruction[2 * sums.size()];
            for (int i = 0; i < sums.size(); i++) {
              out[i] = stopped(b, sums.get(i));
              out[sums.size() + i] = stopped(b, b.filledLike(sums.get(i), 0));
            }
            return out;
          });

  private static HloInstruction stopped(HloBuilder b, HloInstruction x) {
    return Assignments.stopped(b, x);
  }
}
