package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reverse-mode differentiation of recorded instructions. All walks are iterative. */
public final class ReverseMode {
  private final HloInstruction loss;
  // Whether an instruction leads to a sought one; absent until it was looked at.
  private final Map<HloInstruction, Boolean> leads = new IdentityHashMap<>();
  private final List<HloInstruction> order = new ArrayList<>();
  private final Map<HloInstruction, HloInstruction> gradients = new IdentityHashMap<>();
  private final Map<String, String> names = new HashMap<>();

  private ReverseMode(HloInstruction loss) {
    this.loss = loss;
  }

  /**
   * Returns the gradient of a scalar with respect to each of some instructions, of their shapes and
   * types; null for those the scalar does not depend on. Contributions are added in the reverse of
   * the order of recording.
   *
   * @throws GradientException if loss is no floating-point scalar, or an operation on the way has
   *     no gradient
   */
  public static List<@Nullable HloInstruction> gradients(
      HloBuilder builder, HloInstruction loss, List<HloInstruction> wrt) {
    if (!(loss.shape() instanceof ArrayShape shape)
        || !shape.isScalar()
        || !shape.dtype().isFloating()) {
      throw new GradientException(
          "gradients are those of a floating-point scalar, got %s. Reduce it with mean() or sum()."
              .formatted(loss));
    }
    ReverseMode reverse = new ReverseMode(loss);
    Map<HloInstruction, Boolean> sought = new IdentityHashMap<>();
    wrt.forEach(x -> sought.put(x, true));
    reverse.sort(sought);
    reverse.propagate(builder);
    List<@Nullable HloInstruction> out = new ArrayList<>(wrt.size());
    for (HloInstruction x : wrt) {
      out.add(reverse.gradients.get(x));
    }
    return out;
  }

  /** Returns what an instruction is a function of, as far as gradients are concerned. */
  private static List<HloInstruction> inputs(HloInstruction x) {
    if (x.annotation() instanceof GradientRegion region) {
      return switch (region) {
        case GradientRegion.StopGradient() -> List.of();
        case GradientRegion.CustomGradient(List<HloInstruction> inputs, var _) -> inputs;
      };
    }
    if (x.op() instanceof HloOp.GetTupleElement(int index)
        && x.operand(0).op() instanceof HloOp.Tuple) {
      return List.of(x.operand(0).operand(index));
    }
    return x.operands();
  }

  /** Lists what leads from the sought instructions to the loss, inputs first. */
  private void sort(Map<HloInstruction, Boolean> sought) {
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    Map<HloInstruction, Boolean> opened = new IdentityHashMap<>();
    stack.push(loss);
    while (!stack.isEmpty()) {
      HloInstruction x = stack.peek();
      if (leads.containsKey(x)) {
        stack.pop();
        continue;
      }
      List<HloInstruction> inputs = inputs(x);
      if (opened.put(x, true) == null) {
        for (int i = inputs.size() - 1; i >= 0; i--) {
          if (!leads.containsKey(inputs.get(i))) {
            stack.push(inputs.get(i));
          }
        }
        continue;
      }
      stack.pop();
      boolean through = false;
      for (HloInstruction input : inputs) {
        through |= leads(input);
      }
      if (through) {
        order.add(x);
      }
      leads.put(x, through || sought.containsKey(x));
    }
  }

  private boolean leads(HloInstruction x) {
    return leads.getOrDefault(x, false);
  }

  private void propagate(HloBuilder builder) {
    if (!leads(loss)) {
      return;
    }
    gradients.put(loss, builder.constant(loss.arrayShape().dtype(), 1));
    for (int i = order.size() - 1; i >= 0; i--) {
      HloInstruction x = order.get(i);
      HloInstruction gradient = gradients.get(x);
      if (gradient == null) {
        continue;
      }
      HloBuilder b = new HloBuilder(new Metadata(name(x), x.metadata().source()));
      List<HloInstruction> inputs = inputs(x);
      @Nullable HloInstruction[] contributions = contributions(b, x, inputs, gradient);
      for (int k = 0; k < contributions.length; k++) {
        HloInstruction contribution = contributions[k];
        if (contribution != null && leads(inputs.get(k))) {
          gradients.merge(inputs.get(k), contribution, b::plus);
        }
      }
    }
  }

  private String name(HloInstruction x) {
    String forward = x.metadata().opName();
    return names.computeIfAbsent(
        forward.isEmpty() ? x.op().opcode() : forward, name -> "gradient of " + name);
  }

  private @Nullable HloInstruction[] contributions(
      HloBuilder b, HloInstruction x, List<HloInstruction> inputs, HloInstruction gradient) {
    if (x.annotation() instanceof GradientRegion.CustomGradient(var own, var rule)) {
      return rule.apply(b, own, x, gradient).toArray(HloInstruction[]::new);
    }
    boolean[] wanted = new boolean[inputs.size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = leads(inputs.get(i));
    }
    return VectorJacobian.of(b, x, gradient, wanted);
  }
}
