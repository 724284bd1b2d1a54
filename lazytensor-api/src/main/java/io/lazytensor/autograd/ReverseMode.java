package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloComputation;
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
  private final Map<HloInstruction, HloInstruction> inlined = new IdentityHashMap<>();
  private final Map<String, String> names = new HashMap<>();

  private ReverseMode(HloInstruction loss) {
    this.loss = loss;
  }

  /**
   * Returns the gradient of a scalar with respect to each of some instructions, of their shapes and
   * types; null for those the scalar does not depend on, and for integers. Contributions are added
   * in an order that depends on the graph alone.
   *
   * @param builder makes the first instruction; the others carry the lines of what they are
   *     gradients of
   * @throws GradientException if loss is no floating-point scalar, an operation on the way has no
   *     gradient, or a custom gradient does not fit its inputs
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
  private List<HloInstruction> inputs(HloInstruction x) {
    if (x.annotation() instanceof GradientRegion region) {
      return switch (region) {
        case GradientRegion.StopGradient() -> List.of();
        case GradientRegion.CustomGradient(List<HloInstruction> inputs, var _) -> inputs;
      };
    }
    if (!carriesGradient(x)) {
      return List.of();
    }
    HloInstruction forwarded = forwarded(x);
    return forwarded == null ? x.operands() : List.of(forwarded);
  }

  /** Returns whether small changes of a value exist: not of integers and truth values. */
  private static boolean carriesGradient(HloInstruction x) {
    return !(x.shape() instanceof ArrayShape shape) || shape.dtype().isFloating();
  }

  /** Returns the instruction whose value this is: of a call, or of an element of a tuple. */
  private @Nullable HloInstruction forwarded(HloInstruction x) {
    if (x.op() instanceof HloOp.GetTupleElement(int index)) {
      return element(x.operand(0), index);
    }
    return x.op() instanceof HloOp.Call(HloComputation body) ? inlined(x, body) : null;
  }

  /** Returns null for an element of an operation with several results. */
  private @Nullable HloInstruction element(HloInstruction tuple, int index) {
    if (tuple.annotation() instanceof GradientRegion) {
      return null;
    }
    if (tuple.op() instanceof HloOp.Tuple) {
      return tuple.operand(index);
    }
    HloInstruction forwarded = forwarded(tuple);
    return forwarded == null ? null : element(forwarded, index);
  }

  private HloInstruction inlined(HloInstruction call, HloComputation body) {
    return inlined.computeIfAbsent(call, c -> Inlining.inline(c, body));
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
      leads.put(x, through || (sought.containsKey(x) && carriesGradient(x)));
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
      return checked(x, own, rule.apply(b, own, x, gradient));
    }
    if (forwarded(x) != null) {
      return new HloInstruction[] {gradient};
    }
    boolean[] wanted = new boolean[inputs.size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = leads(inputs.get(i));
    }
    return VectorJacobian.of(b, x, gradient, wanted);
  }

  private static @Nullable HloInstruction[] checked(
      HloInstruction x, List<HloInstruction> inputs, List<@Nullable HloInstruction> gradients) {
    if (gradients.size() != inputs.size()) {
      throw new GradientException(
          "the custom gradient of %s takes %d inputs, its rule returned %d gradients."
                  .formatted(x, inputs.size(), gradients.size())
              + " Return one for each input, null where there is none.");
    }
    for (int i = 0; i < inputs.size(); i++) {
      HloInstruction gradient = gradients.get(i);
      if (gradient != null && !gradient.shape().equals(inputs.get(i).shape())) {
        throw new GradientException(
            "the custom gradient of %s: expected %s as the gradient of input %d, got %s."
                    .formatted(x, inputs.get(i).shape(), i, gradient.shape())
                + " Sum what was broadcast and convert to the input's type.");
      }
    }
    return gradients.toArray(HloInstruction[]::new);
  }
}
