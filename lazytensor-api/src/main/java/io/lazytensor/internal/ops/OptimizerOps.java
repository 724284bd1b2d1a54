package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.Promotion;
import io.lazytensor.internal.lower.UpdateRule;
import io.lazytensor.internal.record.Assignments;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The call that updates a group of parameters. */
public final class OptimizerOps {
  private static final int MOMENTUM = 1;
  private static final int SKIP = 2;
  private static final int FLAGS = 2;

  private OptimizerOps() {}

  /**
   * Operands: learning rate; the scheduled momentum, if there is one; pred[] that skips the update,
   * if there is one; the step count, if the rule counts; each parameter and its gradient; the
   * states of each parameter. Results: what is to be assigned to step count, parameters and states,
   * in this order. The attribute is the {@link UpdateRule}, the literal of {@link #literal}.
   */
  public static final CallKind STEP = CallKind.many("optimizer.step", OptimizerOps::step);

  /** Returns the literal of a step. */
  public static long literal(int parameters, boolean momentum, boolean skip) {
    return ((long) parameters << FLAGS) | (momentum ? MOMENTUM : 0) | (skip ? SKIP : 0);
  }

  /** Hands out operands in order. */
  private static final class Operands {
    private final List<HloInstruction> all;
    private int next;

    Operands(List<HloInstruction> all) {
      this.all = all;
    }

    HloInstruction take() {
      return all.get(next++);
    }

    @Nullable HloInstruction take(boolean there) {
      return there ? take() : null;
    }
  }

  private static HloInstruction[] step(HloBuilder b, Call c) {
    UpdateRule rule = c.attribute(UpdateRule.class);
    int count = (int) (c.literal() >>> FLAGS);
    Operands in = new Operands(c.operands());
    HloInstruction rate = in.take();
    HloInstruction momentum = in.take((c.literal() & MOMENTUM) != 0);
    HloInstruction skip = in.take((c.literal() & SKIP) != 0);
    HloInstruction before = in.take(rule.countsSteps());
    HloInstruction step =
        before == null ? null : Elementwise.add(b, before, Promotion.literal(b, 1, before));
    UpdateRule.GroupUpdate update = rule.start(b, new UpdateRule.Inputs(rate, momentum, step));
    Results results = new Results(b, skip);
    if (before != null && step != null) {
      results.add(before, step);
    }
    List<HloInstruction> pairs = new ArrayList<>(2 * count);
    for (int i = 0; i < 2 * count; i++) {
      pairs.add(in.take());
    }
    Results changedStates = new Results(b, skip);
    for (int i = 0; i < count; i++) {
      HloInstruction parameter = pairs.get(2 * i);
      List<HloInstruction> states = new ArrayList<>();
      for (int k = rule.states(parameter.arrayShape()).size(); k > 0; k--) {
        states.add(in.take());
      }
      UpdateRule.Result result = update.update(parameter, pairs.get(2 * i + 1), states);
      results.add(parameter, result.parameter());
      for (int k = 0; k < states.size(); k++) {
        changedStates.add(states.get(k), result.states().get(k));
      }
    }
    results.all.addAll(changedStates.all);
    return results.all.toArray(HloInstruction[]::new);
  }

  /** New values; old ones where the step is skipped. */
  private static final class Results {
    private final HloBuilder b;
    private final @Nullable HloInstruction skip;
    private final List<HloInstruction> all = new ArrayList<>();

    Results(HloBuilder b, @Nullable HloInstruction skip) {
      this.b = b;
      this.skip = skip;
    }

    void add(HloInstruction old, HloInstruction changed) {
      HloInstruction kept = skip == null ? changed : Elementwise.where(b, skip, old, changed);
      all.add(Assignments.stopped(b, kept));
    }
  }
}
