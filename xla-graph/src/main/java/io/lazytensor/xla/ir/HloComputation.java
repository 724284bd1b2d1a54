package io.lazytensor.xla.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A function of arrays: parameters, instructions in an order where operands come first, and a root.
 * Two computations are equal if their instructions are, whatever they are called.
 */
public final class HloComputation {
  private final String name;
  private final List<HloInstruction> parameters;
  private final List<HloInstruction> instructions;
  private final HloInstruction root;
  private final int hash;

  private HloComputation(
      String name,
      List<HloInstruction> parameters,
      List<HloInstruction> instructions,
      HloInstruction root) {
    this.name = name;
    this.parameters = parameters;
    this.instructions = instructions;
    this.root = root;
    this.hash = Long.hashCode(root.hash() * 31 + parameters.size());
  }

  /**
   * Makes a computation of everything the root depends on.
   *
   * @param name a name for people; never part of equality
   * @param parameters all parameters in order, whether the root uses them or not
   * @param root the result
   */
  public static HloComputation of(
      String name, List<HloInstruction> parameters, HloInstruction root) {
    for (int i = 0; i < parameters.size(); i++) {
      if (!(parameters.get(i).op() instanceof HloOp.Parameter(int number, Shape _))
          || number != i) {
        throw new ShapeException(
            "parameter " + i + " of computation " + name + " is " + parameters.get(i));
      }
    }
    Map<HloInstruction, Boolean> done = new IdentityHashMap<>();
    List<HloInstruction> order = new ArrayList<>(parameters);
    parameters.forEach(p -> done.put(p, true));
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    stack.push(root);
    while (!stack.isEmpty()) {
      HloInstruction top = stack.peek();
      if (done.containsKey(top)) {
        stack.pop();
        continue;
      }
      boolean ready = true;
      for (int i = top.operands().size() - 1; i >= 0; i--) {
        HloInstruction operand = top.operand(i);
        if (!done.containsKey(operand)) {
          stack.push(operand);
          ready = false;
        }
      }
      if (ready) {
        stack.pop();
        if (top.op() instanceof HloOp.Parameter) {
          throw new ShapeException(
              "computation " + name + " uses " + top + ", which is none of its parameters");
        }
        done.put(top, true);
        order.add(top);
      }
    }
    return new HloComputation(name, List.copyOf(parameters), List.copyOf(order), root);
  }

  /** Returns the name for people. */
  public String name() {
    return name;
  }

  /** Returns the parameters in order. */
  public List<HloInstruction> parameters() {
    return parameters;
  }

  /** Returns all instructions, operands before users; parameters first. */
  public List<HloInstruction> instructions() {
    return instructions;
  }

  /** Returns the result. */
  public HloInstruction root() {
    return root;
  }

  @Override
  public boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof HloComputation that)
        || hash != that.hash
        || instructions.size() != that.instructions.size()
        || parameters.size() != that.parameters.size()) {
      return false;
    }
    Map<HloInstruction, HloInstruction> twin = new IdentityHashMap<>();
    for (int i = 0; i < instructions.size(); i++) {
      HloInstruction a = instructions.get(i);
      HloInstruction b = that.instructions.get(i);
      if (a.operands().size() != b.operands().size()
          || !a.shape().equals(b.shape())
          || !a.op().equals(b.op())) {
        return false;
      }
      for (int k = 0; k < a.operands().size(); k++) {
        if (twin.get(a.operand(k)) != b.operand(k)) {
          return false;
        }
      }
      twin.put(a, b);
    }
    return twin.get(root) == that.root;
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return name;
  }
}
