package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The second computation of a checkpointed region in one differentiation. It starts from the
 * region's inputs behind an optimization barrier, which also takes the first gradient that arrives:
 * a compiler can neither merge it with the first computation nor run it before it is needed.
 */
final class Recomputation {
  private final HloInstruction tuple;
  private final GradientRegion.Checkpoint region;
  private final Set<HloInstruction> members = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Rewriting copies = Rewriting.annotated();
  private boolean started;

  Recomputation(HloInstruction tuple, GradientRegion.Checkpoint region) {
    this.tuple = tuple;
    this.region = region;
    members.addAll(region.members());
  }

  boolean has(HloInstruction x) {
    return members.contains(x);
  }

  /** Returns the region's results. */
  HloInstruction tuple() {
    return tuple;
  }

  List<HloInstruction> members() {
    return region.members();
  }

  /** Returns what the region computes again for one of its values or inputs. */
  HloInstruction value(HloInstruction x) {
    return copies.apply(x);
  }

  /** Returns gradients in terms of what is computed again. */
  List<@Nullable HloInstruction> rewritten(
      List<@Nullable HloInstruction> contributions, List<HloInstruction> arrived) {
    arrived.forEach(gradient -> copies.replace(gradient, gradient));
    List<@Nullable HloInstruction> out = new ArrayList<>(contributions.size());
    for (HloInstruction contribution : contributions) {
      out.add(contribution == null ? null : copies.apply(contribution));
    }
    return out;
  }

  /**
   * Computes again, if that has not been done.
   *
   * @param outer the region around this one, already computed again
   * @param gradient the first gradient that arrives
   * @return the gradient, behind the barrier if it went through
   */
  HloInstruction start(HloBuilder b, @Nullable Recomputation outer, HloInstruction gradient) {
    if (started) {
      return gradient;
    }
    started = true;
    List<HloInstruction> inputs = new ArrayList<>();
    for (HloInstruction input : region.inputs()) {
      inputs.add(outer == null ? input : outer.value(input));
    }
    inputs.add(gradient);
    HloInstruction barrier =
        b.add(new ControlOp.OptimizationBarrier(), b.add(new HloOp.Tuple(), inputs));
    int n = region.inputs().size();
    for (int i = 0; i < n; i++) {
      copies.replace(region.inputs().get(i), b.add(new HloOp.GetTupleElement(i), barrier));
    }
    return b.add(new HloOp.GetTupleElement(n), barrier);
  }
}
