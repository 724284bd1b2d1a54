package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a computation needs every time it runs, found once: where operands are, and when a value is
 * used for the last time. Loops run the same computation many times.
 */
final class Plan {
  private final List<HloInstruction> instructions;
  private final int[][] operands;
  private final int[][] dead;
  private final @Nullable Object[] constants;
  private final int root;

  private Plan(
      List<HloInstruction> instructions,
      int[][] operands,
      int[][] dead,
      @Nullable Object[] constants,
      int root) {
    this.instructions = instructions;
    this.operands = operands;
    this.dead = dead;
    this.constants = constants;
    this.root = root;
  }

  static Plan of(HloComputation computation) {
    List<HloInstruction> instructions = computation.instructions();
    int count = instructions.size();
    Map<HloInstruction, Integer> slots = new IdentityHashMap<>();
    int[][] operands = new int[count][];
    int[] lastUse = new int[count];
    @Nullable Object[] constants = new @Nullable Object[count];
    for (int i = 0; i < count; i++) {
      HloInstruction instruction = instructions.get(i);
      requireSize(instruction);
      operands[i] = instruction.operands().stream().mapToInt(slots::get).toArray();
      for (int slot : operands[i]) {
        lastUse[slot] = i;
      }
      lastUse[i] = i;
      slots.put(instruction, i);
      if (instruction.op() instanceof HloOp.Constant(Literal literal)) {
        constants[i] = ArrayValue.of(literal);
      }
    }
    int root = instructions.indexOf(computation.root());
    return new Plan(instructions, operands, dead(lastUse, root), constants, root);
  }

  private static void requireSize(HloInstruction instruction) {
    for (ArrayShape shape : Values.leaves(List.of(instruction.shape()))) {
      if (shape.elementCount() > Integer.MAX_VALUE - 8) {
        throw new UnsupportedException(
            instruction + " has more elements than the evaluator can hold in one array");
      }
    }
  }

  /** Turns last uses into the values that are dead after each instruction. */
  private static int[][] dead(int[] lastUse, int root) {
    int[][] out = new int[lastUse.length][];
    Arrays.fill(out, new int[0]);
    for (int slot = 0; slot < lastUse.length; slot++) {
      if (slot != root) {
        int[] old = out[lastUse[slot]];
        int[] more = Arrays.copyOf(old, old.length + 1);
        more[old.length] = slot;
        out[lastUse[slot]] = more;
      }
    }
    return out;
  }

  /** How one instruction is evaluated. */
  interface Step {
    Object evaluate(HloInstruction instruction, List<Object> operands, List<Object> arguments);
  }

  /** Evaluates the instructions in order, and returns the root's value. */
  Object run(List<Object> arguments, Step step) {
    @Nullable Object[] values = new @Nullable Object[instructions.size()];
    for (int i = 0; i < values.length; i++) {
      Object constant = constants[i];
      if (constant != null) {
        values[i] = constant;
      } else {
        List<Object> in = new ArrayList<>(operands[i].length);
        for (int slot : operands[i]) {
          in.add(value(values, slot));
        }
        values[i] = step.evaluate(instructions.get(i), in, arguments);
      }
      for (int slot : dead[i]) {
        values[slot] = null;
      }
    }
    return value(values, root);
  }

  private Object value(@Nullable Object[] values, int slot) {
    Object value = values[slot];
    if (value == null) {
      throw new AssertionError(instructions.get(slot) + " was not evaluated");
    }
    return value;
  }
}
