package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.Set;

/** What this backend claims, and the refusal of everything else before anything is lowered. */
public final class Capabilities {
  private static final Set<DType> TYPES =
      Collections.unmodifiableSet(EnumSet.range(DType.PRED, DType.F64));

  /** Only complex numbers have these: libtorch's are not lowered to. */
  private static final Set<HloOpcode> OPCODES =
      Collections.unmodifiableSet(
          EnumSet.complementOf(EnumSet.of(HloOpcode.COMPLEX, HloOpcode.FFT)));

  private Capabilities() {}

  /** Returns the operations that are lowered. */
  public static Set<HloOpcode> opcodes() {
    return OPCODES;
  }

  /** Returns the element types that are computed with. */
  public static Set<DType> types() {
    return TYPES;
  }

  /**
   * Looks through everything a module can run.
   *
   * @throws UnsupportedException naming the instruction and the type or operation
   */
  static void check(HloModule module) {
    if (module.replicas() != 1 || module.partitions() != 1) {
      throw new UnsupportedException(
          "cpu-reference is one device, "
              + module.name()
              + " wants "
              + module.replicas()
              + " replicas of "
              + module.partitions()
              + " partitions; run it with one of each, or on device evaluator");
    }
    Set<HloComputation> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloComputation> open = new ArrayDeque<>();
    open.push(module.entry());
    while (!open.isEmpty()) {
      HloComputation computation = open.pop();
      if (seen.add(computation)) {
        for (HloInstruction instruction : computation.instructions()) {
          check(instruction);
          instruction.op().called().forEach(open::push);
        }
      }
    }
  }

  private static void check(HloInstruction instruction) {
    checkTypes(instruction, instruction.shape());
    if (!OPCODES.contains(instruction.op().code())) {
      throw Emitter.unsupported(
          instruction, instruction.op().opcode() + " is not lowered to libtorch");
    }
  }

  private static void checkTypes(HloInstruction instruction, Shape shape) {
    switch (shape) {
      case ArrayShape array -> {
        if (!TYPES.contains(array.dtype())) {
          throw Emitter.unsupported(instruction, "it does not compute with " + array.dtype());
        }
      }
      case TupleShape tuple ->
          tuple.elements().forEach(element -> checkTypes(instruction, element));
      case TokenShape _ -> {
        // A token has no elements.
      }
    }
  }
}
