package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.AdamUpdate;
import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.GradientClipping;
import io.lazytensor.internal.lower.Promotion;
import io.lazytensor.internal.lower.SgdUpdate;
import io.lazytensor.internal.record.Assignments;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;

/** The calls that treat many gradients at once, optimizer steps among them. */
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

  /**
   * Operands: learning rate, then for each parameter: itself, its gradient, its momentum buffer if
   * there is momentum. With dampening the step count follows the learning rate. Results: what is to
   * be assigned, in the same order.
   */
  public static final CallKind SGD = CallKind.many("SGD.step", GradientOps::sgd);

  /**
   * Operands: learning rate, step count, then for each parameter: itself, its gradient, first
   * moment, second moment, greatest second moment with amsgrad. Results: what is to be assigned, in
   * the same order, the step count first.
   */
  public static final CallKind ADAM = CallKind.many("AdamW.step", GradientOps::adam);

  private static HloInstruction[] sgd(HloBuilder b, Call c) {
    SgdUpdate.Options options = c.attribute(SgdUpdate.Options.class);
    boolean counts = options.momentum() != 0 && options.dampening() != 0;
    boolean buffers = options.momentum() != 0;
    List<HloInstruction> in = c.operands();
    List<HloInstruction> out = new ArrayList<>();
    int at = 1;
    HloInstruction step = null;
    if (counts) {
      step = in.get(at++);
      out.add(stopped(b, Elementwise.add(b, step, Promotion.literal(b, 1, step))));
    }
    SgdUpdate update = new SgdUpdate(b, in.getFirst(), step, options);
    while (at < in.size()) {
      HloInstruction parameter = in.get(at++);
      HloInstruction gradient = in.get(at++);
      HloInstruction buffer = buffers ? in.get(at++) : null;
      SgdUpdate.Result result = update.update(parameter, gradient, buffer);
      out.add(stopped(b, result.parameter()));
      if (result.buffer() != null) {
        out.add(stopped(b, result.buffer()));
      }
    }
    return out.toArray(HloInstruction[]::new);
  }

  private static HloInstruction[] adam(HloBuilder b, Call c) {
    AdamUpdate.Options options = c.attribute(AdamUpdate.Options.class);
    List<HloInstruction> in = c.operands();
    List<HloInstruction> out = new ArrayList<>();
    HloInstruction step = Elementwise.add(b, in.get(1), Promotion.literal(b, 1, in.get(1)));
    out.add(stopped(b, step));
    AdamUpdate update = new AdamUpdate(b, in.getFirst(), step, options);
    int at = 2;
    while (at < in.size()) {
      HloInstruction parameter = in.get(at++);
      HloInstruction gradient = in.get(at++);
      HloInstruction first = in.get(at++);
      HloInstruction second = in.get(at++);
      HloInstruction greatest = options.amsgrad() ? in.get(at++) : null;
      AdamUpdate.Result result = update.update(parameter, gradient, first, second, greatest);
      out.add(stopped(b, result.parameter()));
      out.add(stopped(b, result.firstMoment()));
      out.add(stopped(b, result.secondMoment()));
      if (result.maxSecondMoment() != null) {
        out.add(stopped(b, result.maxSecondMoment()));
      }
    }
    return out.toArray(HloInstruction[]::new);
  }

  private static HloInstruction stopped(HloBuilder b, HloInstruction x) {
    return Assignments.stopped(b, x);
  }
}
