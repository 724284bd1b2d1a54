package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reverse-mode differentiation of recorded instructions. All walks are iterative. */
public final class ReverseMode {
  // Whether an instruction leads to a sought one; absent until it was looked at.
  private final Map<HloInstruction, Boolean> leads = new IdentityHashMap<>();
  private final List<HloInstruction> order = new ArrayList<>();
  private final Map<HloInstruction, HloInstruction> gradients = new IdentityHashMap<>();
  // Of loops: the gradients of their elements.
  private final Map<HloInstruction, @Nullable HloInstruction[]> elements = new IdentityHashMap<>();
  private final Map<HloInstruction, HloInstruction> inlined = new IdentityHashMap<>();
  private final Map<HloInstruction, Boolean> boundary = new IdentityHashMap<>();
  private final CheckpointedRegions regions = new CheckpointedRegions();
  private final Map<String, String> names = new HashMap<>();

  private ReverseMode() {}

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
    ReverseMode reverse = new ReverseMode();
    reverse.sort(List.of(loss), wrt);
    if (reverse.leads(loss)) {
      reverse.gradients.put(loss, builder.constant(shape.dtype(), 1));
      reverse.propagate();
    }
    return reverse.of(wrt);
  }

  /**
   * Returns the vector-Jacobian product of several results, with respect to instructions behind
   * which nothing is looked at.
   *
   * @param seeds the gradient of each result
   */
  static List<@Nullable HloInstruction> pullback(
      HloBuilder builder,
      List<HloInstruction> results,
      List<HloInstruction> seeds,
      List<HloInstruction> wrt) {
    ReverseMode reverse = new ReverseMode();
    wrt.forEach(x -> reverse.boundary.put(x, true));
    reverse.sort(results, wrt);
    for (int i = 0; i < results.size(); i++) {
      if (reverse.leads(results.get(i))) {
        reverse.gradients.merge(results.get(i), seeds.get(i), builder::plus);
      }
    }
    reverse.propagate();
    return reverse.of(wrt);
  }

  private List<@Nullable HloInstruction> of(List<HloInstruction> wrt) {
    List<@Nullable HloInstruction> out = new ArrayList<>(wrt.size());
    for (HloInstruction x : wrt) {
      out.add(gradients.get(x));
    }
    return out;
  }

  /** Returns what an instruction is a function of, as far as gradients are concerned. */
  private List<HloInstruction> inputs(HloInstruction x) {
    if (boundary.containsKey(x)) {
      return List.of();
    }
    if (x.annotation() instanceof GradientRegion region) {
      return switch (region) {
        case GradientRegion.StopGradient() -> List.of();
        case GradientRegion.CustomGradient(List<HloInstruction> inputs, var _) -> inputs;
        case GradientRegion.Scan(ScanBody body, var _) -> ScanLoop.inputs(x, body);
        // Its elements are passed through before they get here.
        case GradientRegion.Checkpoint _ -> x.operands();
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
    if (x.op() instanceof ControlOp.OptimizationBarrier && x.shape() instanceof ArrayShape) {
      return x.operand(0);
    }
    return x.op() instanceof HloOp.Call(HloComputation body) ? inlined(x, body) : null;
  }

  /** Returns null for an element of an operation with several results. */
  private @Nullable HloInstruction element(HloInstruction tuple, int index) {
    if (tuple.annotation() instanceof GradientRegion.Checkpoint checkpoint) {
      regions.add(tuple, checkpoint);
      return tuple.operand(index);
    }
    if (tuple.annotation() instanceof GradientRegion) {
      return null;
    }
    if (tuple.op() instanceof HloOp.Tuple) {
      return tuple.operand(index);
    }
    if (tuple.op() instanceof ControlOp.OptimizationBarrier) {
      return element(tuple.operand(0), index);
    }
    HloInstruction forwarded = forwarded(tuple);
    return forwarded == null ? null : element(forwarded, index);
  }

  private HloInstruction inlined(HloInstruction call, HloComputation body) {
    return inlined.computeIfAbsent(call, c -> Inlining.inline(c, body));
  }

  /** Lists what leads from the sought instructions to the results, inputs first. */
  private void sort(List<HloInstruction> results, List<HloInstruction> wrt) {
    Map<HloInstruction, Boolean> sought = new IdentityHashMap<>();
    wrt.forEach(x -> sought.put(x, true));
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    Map<HloInstruction, Boolean> opened = new IdentityHashMap<>();
    for (int i = results.size() - 1; i >= 0; i--) {
      stack.push(results.get(i));
    }
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

  private void propagate() {
    for (int i = order.size() - 1; i >= 0; i--) {
      HloInstruction x = order.get(i);
      HloInstruction gradient = gradients.get(x);
      HloBuilder b = new HloBuilder(new Metadata(name(x), x.metadata().source()));
      if (x.annotation() instanceof GradientRegion.Scan scan) {
        loop(b, x, scan);
      } else if (gradient != null) {
        instruction(b, x, gradient);
      }
    }
  }

  private void instruction(HloBuilder b, HloInstruction x, HloInstruction gradient) {
    if (x.op() instanceof HloOp.GetTupleElement(int index)
        && x.operand(0).annotation() instanceof GradientRegion.Scan) {
      HloInstruction loop = x.operand(0);
      @Nullable HloInstruction[] of =
          elements.computeIfAbsent(
              loop, l -> new @Nullable HloInstruction[((TupleShape) l.shape()).elements().size()]);
      HloInstruction before = of[index];
      of[index] = before == null ? gradient : b.plus(before, gradient);
      return;
    }
    HloInstruction arrived = regions.enter(b, x, gradient);
    List<HloInstruction> inputs = inputs(x);
    @Nullable HloInstruction[] made = contributions(b, x, inputs, arrived);
    add(b, inputs, regions.rewritten(x, made, List.of(arrived)));
  }

  private void loop(HloBuilder b, HloInstruction x, GradientRegion.Scan scan) {
    @Nullable HloInstruction[] arrived = elements.get(x);
    if (arrived == null) {
      return;
    }
    List<HloInstruction> entered = new ArrayList<>();
    for (int i = 0; i < arrived.length; i++) {
      HloInstruction gradient = arrived[i];
      if (gradient != null) {
        HloInstruction behind = regions.enter(b, x, gradient);
        arrived[i] = behind;
        entered.add(behind);
      }
    }
    List<HloInstruction> inputs = inputs(x);
    @Nullable HloInstruction[] made = ScanGradients.of(b, x, scan.body(), arrived, wanted(inputs));
    add(b, inputs, regions.rewritten(x, made, entered));
  }

  private void add(
      HloBuilder b, List<HloInstruction> inputs, @Nullable HloInstruction[] contributions) {
    for (int k = 0; k < contributions.length; k++) {
      HloInstruction contribution = contributions[k];
      if (contribution != null && leads(inputs.get(k))) {
        gradients.merge(inputs.get(k), contribution, b::plus);
      }
    }
  }

  private String name(HloInstruction x) {
    String forward = x.metadata().opName();
    return names.computeIfAbsent(
        forward.isEmpty() ? x.op().opcode() : forward, name -> "gradient of " + name);
  }

  private boolean[] wanted(List<HloInstruction> inputs) {
    boolean[] wanted = new boolean[inputs.size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = leads(inputs.get(i));
    }
    return wanted;
  }

  private @Nullable HloInstruction[] contributions(
      HloBuilder b, HloInstruction x, List<HloInstruction> inputs, HloInstruction gradient) {
    if (x.annotation() instanceof GradientRegion.CustomGradient(var own, var rule)) {
      return checked(x, own, rule.apply(b, own, x, gradient));
    }
    if (forwarded(x) != null) {
      return new HloInstruction[] {gradient};
    }
    return VectorJacobian.of(b, x, gradient, wanted(inputs));
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
