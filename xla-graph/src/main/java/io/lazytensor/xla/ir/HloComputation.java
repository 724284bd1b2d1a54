package io.lazytensor.xla.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A function of arrays: parameters, instructions in an order where operands come first, and a root.
 * Two computations are equal if their instructions are, whatever they are called.
 *
 * <p>Calls nest at most {@value #MAX_DEPTH} deep, so that whoever follows them may recurse.
 */
public final class HloComputation {
  /** How deep calls nest at most: a computation without calls counts 1. */
  public static final int MAX_DEPTH = 1000;

  private static final ScopedValue<ComputationEquality> COMPARISON = ScopedValue.newInstance();

  private final String name;
  private final List<HloInstruction> parameters;
  private final List<HloInstruction> instructions;
  private final HloInstruction root;
  private final int hash;
  private final int depth;

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
    this.depth = depth(name, instructions);
  }

  private static int depth(String name, List<HloInstruction> instructions) {
    int deepest = 0;
    for (HloInstruction instruction : instructions) {
      for (HloComputation called : instruction.op().called()) {
        deepest = Math.max(deepest, called.depth);
      }
    }
    if (deepest >= MAX_DEPTH) {
      throw new ShapeException(
          "computation " + name + " nests calls deeper than " + MAX_DEPTH + " levels");
    }
    return deepest + 1;
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
    return of(name, parameters, List.of(), root);
  }

  /**
   * Makes a computation of everything the root and other instructions depend on.
   *
   * @param name a name for people; never part of equality
   * @param parameters all parameters in order, whether the root uses them or not
   * @param kept instructions that run although the root may not depend on them, in order
   * @param root the result
   */
  public static HloComputation of(
      String name,
      List<HloInstruction> parameters,
      List<HloInstruction> kept,
      HloInstruction root) {
    requireNumbered(name, parameters);
    Map<HloInstruction, Boolean> done = new IdentityHashMap<>();
    List<HloInstruction> order = new ArrayList<>(parameters);
    parameters.forEach(p -> done.put(p, true));
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    stack.push(root);
    for (int i = kept.size() - 1; i >= 0; i--) {
      stack.push(kept.get(i));
    }
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

  /**
   * Makes a computation of given instructions, also those the root does not depend on.
   *
   * @param name a name for people; never part of equality
   * @param instructions all of them, operands before users
   * @param root one of them
   */
  public static HloComputation ofInstructions(
      String name, List<HloInstruction> instructions, HloInstruction root) {
    Map<Integer, HloInstruction> byNumber = new TreeMap<>();
    for (HloInstruction instruction : instructions) {
      if (instruction.op() instanceof HloOp.Parameter(int number, Shape _)
          && byNumber.put(number, instruction) != null) {
        throw new ShapeException("computation " + name + " has two parameters " + number);
      }
    }
    List<HloInstruction> parameters = List.copyOf(byNumber.values());
    requireNumbered(name, parameters);
    Map<HloInstruction, Boolean> before = new IdentityHashMap<>();
    for (HloInstruction instruction : instructions) {
      for (HloInstruction operand : instruction.operands()) {
        if (!before.containsKey(operand)) {
          throw new ShapeException(
              "computation " + name + ": " + instruction + " uses " + operand + " too early");
        }
      }
      if (before.put(instruction, true) != null) {
        throw new ShapeException("computation " + name + " contains " + instruction + " twice");
      }
    }
    if (!before.containsKey(root)) {
      throw new ShapeException("computation " + name + " does not contain its root " + root);
    }
    return new HloComputation(name, parameters, List.copyOf(instructions), root);
  }

  private static void requireNumbered(String name, List<HloInstruction> parameters) {
    for (int i = 0; i < parameters.size(); i++) {
      if (!(parameters.get(i).op() instanceof HloOp.Parameter(int number, Shape _))
          || number != i) {
        throw new ShapeException(
            "parameter " + i + " of computation " + name + " is " + parameters.get(i));
      }
    }
  }

  /** Returns the name for people. */
  public String name() {
    return name;
  }

  /** Returns the parameters in order. */
  public List<HloInstruction> parameters() {
    return parameters;
  }

  /** Returns all instructions, operands before users. */
  public List<HloInstruction> instructions() {
    return instructions;
  }

  /** Returns the result. */
  public HloInstruction root() {
    return root;
  }

  /**
   * Returns whether the instructions are the same. Computations that both call are compared after
   * one another, each pair once: calls that nest deep or share much cost no more than their size.
   */
  @Override
  public boolean equals(Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof HloComputation that)
        || hash != that.hash
        || depth != that.depth
        || instructions.size() != that.instructions.size()
        || parameters.size() != that.parameters.size()) {
      return false;
    }
    if (COMPARISON.isBound()) {
      COMPARISON.get().later(this, that);
      return true;
    }
    ComputationEquality comparison = new ComputationEquality();
    comparison.later(this, that);
    return ScopedValue.where(COMPARISON, comparison).call(comparison::holds);
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
