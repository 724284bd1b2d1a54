package io.lazytensor.xla.infer;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Checks that a module is well formed: shapes, operands, called computations, aliases. */
public final class HloVerifier {
  private HloVerifier() {}

  /**
   * Checks a module and everything it calls.
   *
   * @throws VerificationException naming the instruction and the rule it breaks
   */
  public static void verify(HloModule module) {
    Set<HloComputation> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloComputation> open = new ArrayDeque<>();
    open.add(module.entry());
    while (!open.isEmpty()) {
      HloComputation computation = open.remove();
      if (seen.add(computation)) {
        verify(computation, open);
      }
    }
    verifyAliases(module);
  }

  private static void verify(HloComputation computation, ArrayDeque<HloComputation> open) {
    Set<HloInstruction> before = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Shape> shapes = new ArrayList<>();
    for (HloInstruction instruction : computation.instructions()) {
      shapes.clear();
      for (HloInstruction operand : instruction.operands()) {
        if (!before.contains(operand)) {
          throw broken(computation, instruction, "uses " + operand + " before it is computed");
        }
        shapes.add(operand.shape());
      }
      Shape inferred = infer(computation, instruction, shapes);
      if (!inferred.equals(instruction.shape())) {
        throw broken(computation, instruction, "has the shape " + inferred + " by its operands");
      }
      before.add(instruction);
      open.addAll(instruction.op().called());
    }
  }

  private static Shape infer(
      HloComputation computation, HloInstruction instruction, List<Shape> shapes) {
    try {
      return ShapeInference.infer(instruction.op(), List.copyOf(shapes));
    } catch (ShapeException e) {
      throw broken(computation, instruction, String.valueOf(e.getMessage()));
    }
  }

  private static void verifyAliases(HloModule module) {
    List<Shape> parameters = module.parameterShapes();
    List<Shape> outputs = module.outputShapes();
    Set<Integer> donated = new HashSet<>();
    Set<Integer> taken = new HashSet<>();
    for (InputOutputAlias alias : module.aliases()) {
      if (alias.output() < 0
          || alias.output() >= outputs.size()
          || alias.parameter() < 0
          || alias.parameter() >= parameters.size()) {
        throw new VerificationException(
            "module %s: %s names an output of %d or a parameter of %d that is not there"
                .formatted(module.name(), alias, outputs.size(), parameters.size()));
      }
      if (!outputs.get(alias.output()).equals(parameters.get(alias.parameter()))) {
        throw new VerificationException(
            "module %s: output %d is %s and cannot take over parameter %d, which is %s"
                .formatted(
                    module.name(),
                    alias.output(),
                    outputs.get(alias.output()),
                    alias.parameter(),
                    parameters.get(alias.parameter())));
      }
      if (!donated.add(alias.parameter()) || !taken.add(alias.output())) {
        throw new VerificationException(
            "module %s: %s aliases something a second time".formatted(module.name(), alias));
      }
    }
  }

  private static VerificationException broken(
      HloComputation computation, HloInstruction instruction, String why) {
    return new VerificationException(
        "computation %s: %s: %s".formatted(computation.name(), instruction, why));
  }
}
