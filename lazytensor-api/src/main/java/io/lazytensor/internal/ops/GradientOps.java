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

  /** Operands: gradients. Result: whether all of their elements are finite. */
  public static final CallKind IS_FINITE =
      CallKind.many(
          "isFinite", (b, c) -> new HloInstruction[] {GradientClipping.allFinite(b, c.operands())});

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
   * Operands: learning rate; with dampening the step count; each parameter and its gradient; with
   * momentum each one's buffer. Results: what is to be assigned, in the same order. The literal is
   * the number of shared states.
   */
  public static final CallKind SGD = CallKind.many("SGD.step", GradientOps::sgd);

  /**
   * Operands: learning rate; step count; each parameter and its gradient; for each one first
   * moment, second moment and, with amsgrad, greatest second moment. Results: what is to be
   * assigned, in the same order. The literal is the number of shared states.
   */
  public static final CallKind ADAM = CallKind.many("AdamW.step", GradientOps::adam);

  /** What an optimizer step reads, by parameter. */
  private record Operands(List<HloInstruction> all, int shared, int states) {
    int count() {
      return (all.size() - 1 - shared) / (2 + states);
    }

    HloInstruction parameter(int i) {
      return all.get(1 + shared + 2 * i);
    }

    HloInstruction gradient(int i) {
      return all.get(2 + shared + 2 * i);
    }

    HloInstruction state(int i, int which) {
      return all.get(1 + shared + 2 * count() + states * i + which);
    }
  }

  private static HloInstruction[] sgd(HloBuilder b, Call c) {
    SgdUpdate.Options options = c.attribute(SgdUpdate.Options.class);
    boolean buffers = options.momentum() != 0;
    Operands in = new Operands(c.operands(), (int) c.literal(), buffers ? 1 : 0);
    List<HloInstruction> out = new ArrayList<>();
    List<HloInstruction> states = new ArrayList<>();
    HloInstruction step = in.shared() > 0 ? in.all().get(1) : null;
    if (step != null) {
      out.add(stopped(b, Elementwise.add(b, step, Promotion.literal(b, 1, step))));
    }
    SgdUpdate update = new SgdUpdate(b, in.all().getFirst(), step, options);
    for (int i = 0; i < in.count(); i++) {
      SgdUpdate.Result result =
          update.update(in.parameter(i), in.gradient(i), buffers ? in.state(i, 0) : null);
      out.add(stopped(b, result.parameter()));
      if (result.buffer() != null) {
        states.add(stopped(b, result.buffer()));
      }
    }
    out.addAll(states);
    return out.toArray(HloInstruction[]::new);
  }

  private static HloInstruction[] adam(HloBuilder b, Call c) {
    AdamUpdate.Options options = c.attribute(AdamUpdate.Options.class);
    Operands in = new Operands(c.operands(), (int) c.literal(), options.amsgrad() ? 3 : 2);
    List<HloInstruction> out = new ArrayList<>();
    List<HloInstruction> states = new ArrayList<>();
    HloInstruction before = in.all().get(1);
    HloInstruction step = Elementwise.add(b, before, Promotion.literal(b, 1, before));
    out.add(stopped(b, step));
    AdamUpdate update = new AdamUpdate(b, in.all().getFirst(), step, options);
    for (int i = 0; i < in.count(); i++) {
      AdamUpdate.Result result =
          update.update(
              in.parameter(i),
              in.gradient(i),
              in.state(i, 0),
              in.state(i, 1),
              options.amsgrad() ? in.state(i, 2) : null);
      out.add(stopped(b, result.parameter()));
      states.add(stopped(b, result.firstMoment()));
      states.add(stopped(b, result.secondMoment()));
      if (result.maxSecondMoment() != null) {
        states.add(stopped(b, result.maxSecondMoment()));
      }
    }
    out.addAll(states);
    return out.toArray(HloInstruction[]::new);
  }

  private static HloInstruction stopped(HloBuilder b, HloInstruction x) {
    return Assignments.stopped(b, x);
  }
}
