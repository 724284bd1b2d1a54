package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The checkpointed regions that one differentiation passes, and what each computes again. */
final class CheckpointedRegions {
  private final Map<HloInstruction, Recomputation> byTuple = new IdentityHashMap<>();
  // The innermost region of each instruction.
  private final Map<HloInstruction, Recomputation> innermost = new IdentityHashMap<>();

  void add(HloInstruction tuple, GradientRegion.Checkpoint region) {
    if (byTuple.containsKey(tuple)) {
      return;
    }
    Recomputation added = new Recomputation(tuple, region);
    byTuple.put(tuple, added);
    for (HloInstruction member : added.members()) {
      Recomputation before = innermost.get(member);
      if (before == null || before.has(tuple)) {
        innermost.put(member, added);
      }
    }
  }

  /**
   * Returns an instruction's gradients in terms of what its region computes again.
   *
   * @param arrived the gradients they were made of
   */
  @Nullable HloInstruction[] rewritten(
      HloInstruction x, @Nullable HloInstruction[] contributions, List<HloInstruction> arrived) {
    Recomputation region = innermost.get(x);
    return region == null
        ? contributions
        : region
            .rewritten(Arrays.asList(contributions), arrived)
            .toArray(new @Nullable HloInstruction[0]);
  }

  /** Computes the regions around an instruction again before its gradient is looked at. */
  HloInstruction enter(HloBuilder b, HloInstruction x, HloInstruction gradient) {
    List<Recomputation> around = new ArrayList<>();
    Recomputation region = innermost.get(x);
    while (region != null) {
      around.add(region);
      region = innermost.get(region.tuple());
    }
    HloInstruction arrived = gradient;
    @Nullable Recomputation outer = null;
    for (int i = around.size() - 1; i >= 0; i--) {
      arrived = around.get(i).start(b, outer, arrived);
      outer = around.get(i);
    }
    return arrived;
  }
}
