package io.lazytensor.autograd;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a called computation's instructions in the place of the call. */
final class Inlining {
  private final HloInstruction call;
  private final Map<HloInstruction, HloInstruction> copies = new IdentityHashMap<>();

  private Inlining(HloInstruction call) {
    this.call = call;
  }

  /** Returns the root of a copy of the body that works on the call's operands. */
  static HloInstruction inline(HloInstruction call, HloComputation body) {
    Inlining inlining = new Inlining(call);
    for (HloInstruction x : body.instructions()) {
      inlining.copies.put(x, inlining.copy(x));
    }
    return inlining.copied(body.root());
  }

  private HloInstruction copy(HloInstruction x) {
    return x.op() instanceof HloOp.Parameter parameter
        ? call.operand(parameter.number())
        : new HloInstruction(
            x.op(), x.shape(), copied(x.operands()), origin(x), annotation(x.annotation()));
  }

  private HloInstruction copied(HloInstruction x) {
    return copies.getOrDefault(x, x);
  }

  private List<HloInstruction> copied(List<HloInstruction> instructions) {
    return instructions.stream().map(this::copied).toList();
  }

  // A body shared by many calls rarely knows a line of the user's.
  private Metadata origin(HloInstruction x) {
    return x.metadata().source().equals(SourceLine.UNKNOWN) ? call.metadata() : x.metadata();
  }

  private @Nullable Object annotation(@Nullable Object annotation) {
    return annotation instanceof GradientRegion.CustomGradient(var inputs, var rule)
        ? new GradientRegion.CustomGradient(copied(inputs), rule)
        : annotation;
  }
}
