package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;

/** The custom calls that are known by name. Immutable; others are refused. */
public final class CustomCalls {
  private final Map<String, Implementation> targets;

  /** How a known call is evaluated. */
  interface Implementation {
    Object run(
        ControlOp.CustomCall call, HloInstruction x, List<Object> in, HloEvaluator evaluator);
  }

  private CustomCalls(Map<String, Implementation> targets) {
    this.targets = Map.copyOf(targets);
  }

  /**
   * Returns the targets this library knows, and those of installed {@link CustomCallTarget}
   * services.
   */
  public static CustomCalls standard() {
    return Standard.CALLS;
  }

  private static final class Standard {
    static final CustomCalls CALLS = load();

    private static CustomCalls load() {
      CustomCalls calls = new CustomCalls(BuiltInCalls.all());
      for (CustomCallTarget target : ServiceLoader.load(CustomCallTarget.class)) {
        calls = calls.with(target);
      }
      return calls;
    }
  }

  /** Returns these and one more, which replaces one of the same name. */
  public CustomCalls with(CustomCallTarget target) {
    Map<String, Implementation> more = new HashMap<>(targets);
    more.put(target.target(), (call, x, in, _) -> call(target, call, x, in));
    return new CustomCalls(more);
  }

  /** Returns the known names, in alphabetical order. */
  public Set<String> targets() {
    return Collections.unmodifiableSet(new TreeSet<>(targets.keySet()));
  }

  /** Returns whether a name is known. */
  public boolean contains(String target) {
    return targets.containsKey(target);
  }

  /**
   * Checks that a module calls nothing unknown.
   *
   * @throws UnsupportedException naming the target and its source line
   */
  public void check(HloModule module) {
    Set<HloComputation> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloComputation> open = new ArrayDeque<>();
    open.add(module.entry());
    while (!open.isEmpty()) {
      HloComputation computation = open.remove();
      if (!seen.add(computation)) {
        continue;
      }
      for (HloInstruction instruction : computation.instructions()) {
        if (instruction.op() instanceof ControlOp.CustomCall call) {
          implementation(call, instruction);
        }
        open.addAll(instruction.op().called());
      }
    }
  }

  Object run(ControlOp.CustomCall call, HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    Object value = implementation(call, x).run(call, x, in, evaluator);
    requireShapes(call, x, Values.shapes(value));
    return value;
  }

  private Implementation implementation(ControlOp.CustomCall call, HloInstruction x) {
    Implementation implementation = targets.get(call.target());
    if (implementation == null) {
      throw new UnsupportedException(
          "custom-call target \"%s\" is unknown: %s; offer a CustomCallTarget of this name"
              .formatted(call.target(), x));
    }
    return implementation;
  }

  private static Object call(
      CustomCallTarget target, ControlOp.CustomCall call, HloInstruction x, List<Object> in) {
    List<Literal> operands = new ArrayList<>();
    in.forEach(value -> operands.addAll(Values.literals(value)));
    List<Literal> results = target.call(call, List.copyOf(operands));
    requireShapes(call, x, results.stream().map(Literal::shape).toList());
    return Values.build(x.shape(), results.iterator());
  }

  /** The verifier cannot know what a target returns; the module says what it likes. */
  private static void requireShapes(
      ControlOp.CustomCall call, HloInstruction x, List<ArrayShape> got) {
    List<ArrayShape> expected = Values.leaves(List.of(x.shape()));
    if (!got.equals(expected)) {
      throw new ShapeException(
          "custom-call target \"%s\" returned %s, expected %s"
              .formatted(call.target(), got, expected));
    }
  }

  /**
   * Checks what a target that is built in takes and gives.
   *
   * @param fits whether they are as it needs them
   * @param signature what it needs
   */
  static void require(boolean fits, ControlOp.CustomCall call, HloInstruction x, String signature) {
    if (!fits) {
      throw new ShapeException(
          "custom-call target \"%s\" maps %s, got %s of %s"
              .formatted(
                  call.target(),
                  signature,
                  x.shape(),
                  x.operands().stream().map(HloInstruction::shape).toList()));
    }
  }

  /** Returns the shapes of operands that are all arrays; empty if there are others. */
  static List<ArrayShape> arrays(List<? extends Shape> shapes) {
    return shapes.stream().allMatch(ArrayShape.class::isInstance)
        ? shapes.stream().map(Shape::asArray).toList()
        : List.of();
  }
}
