package io.lazytensor.autograd;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Which values of a scan's forward iteration its gradient uses: the last ones that depend on no
 * gradient. What only spreads or reshapes another value is computed again instead of being kept.
 */
final class Residuals {
  private final ScanBody body;
  private final Dependence varying;
  private final Dependence backward;
  private final Set<HloInstruction> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<HloInstruction> saved = new ArrayList<>();

  private Residuals(ScanBody body, List<HloInstruction> gradients) {
    this.body = body;
    this.varying = Dependence.on(body.placeholders()).notBeyond(body.constants());
    this.backward = Dependence.on(gradients).notBeyond(body.constants());
  }

  /**
   * Looks at everything the backward iteration's results depend on.
   *
   * @param gradients the placeholders of what a backward iteration gets
   */
  static Residuals of(ScanBody body, List<HloInstruction> gradients, List<HloInstruction> roots) {
    Residuals out = new Residuals(body, gradients);
    out.walk(roots);
    return out;
  }

  /** Returns the values to keep, in an order that depends on the graph alone. */
  List<HloInstruction> saved() {
    return saved;
  }

  /** Returns whether a placeholder of the forward iteration is used. */
  boolean needs(HloInstruction placeholder) {
    return seen.contains(placeholder);
  }

  private void walk(List<HloInstruction> roots) {
    seen.addAll(body.constants());
    ArrayDeque<HloInstruction> open = new ArrayDeque<>(roots);
    while (!open.isEmpty()) {
      HloInstruction x = open.remove();
      if (!seen.add(x)) {
        continue;
      }
      if (varying.holds(x) && !backward.holds(x)) {
        if (body.carries().contains(x) || (!Placeholder.is(x) && isWorthKeeping(x))) {
          saved.add(x);
          continue;
        }
      }
      open.addAll(x.operands());
      open.addAll(GradientRegion.beside(x));
    }
  }

  private static boolean isWorthKeeping(HloInstruction x) {
    return x.shape() instanceof ArrayShape
        && !(x.op() instanceof HloOp.Broadcast)
        && !(x.op() instanceof HloOp.Reshape);
  }
}
