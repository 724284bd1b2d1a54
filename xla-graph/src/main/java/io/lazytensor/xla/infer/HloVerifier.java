package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
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
import java.util.function.Consumer;

/**
 * Checks that a module is well formed: shapes, operands, called computations, collectives, aliases.
 *
 * <p>Source: XLA {@code xla/service/hlo_verifier.cc}; what XLA's verifier refuses this one refuses
 * too, with strict element types.
 */
public final class HloVerifier {
  private HloVerifier() {}

  /**
   * Checks a module and everything it calls.
   *
   * @throws VerificationException naming the instruction and the rule it breaks
   * @throws io.lazytensor.xla.ir.UnsupportedException if it is valid HLO this library does not do
   */
  public static void verify(HloModule module) {
    verify(module, x -> {});
  }

  /**
   * Checks a module as {@link #verify}, and what PJRT plug-ins demand besides: arguments and
   * results are arrays, and {@code select} and {@code clamp} repeat no scalar by themselves. Some
   * plug-ins end the process on a module that breaks these rules.
   *
   * @throws VerificationException naming the instruction and the rule it breaks
   * @throws io.lazytensor.xla.ir.UnsupportedException if it is valid HLO this library does not do
   */
  public static void verifyForPlugin(HloModule module) {
    verify(module, PluginRules::requireExplicit);
    inModule(module, () -> PluginRules.requireSignature(module));
  }

  private static void verify(HloModule module, Consumer<HloInstruction> more) {
    inModule(module, () -> requireDevices(module));
    CollectiveRules collectives = new CollectiveRules(module);
    Set<HloComputation> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloComputation> open = new ArrayDeque<>();
    open.add(module.entry());
    while (!open.isEmpty()) {
      HloComputation computation = open.remove();
      if (seen.add(computation)) {
        verify(computation, open, collectives, more);
      }
    }
    inModule(module, () -> requireAliases(module));
  }

  private static void verify(
      HloComputation computation,
      ArrayDeque<HloComputation> open,
      CollectiveRules collectives,
      Consumer<HloInstruction> more) {
    Set<HloInstruction> before = Collections.newSetFromMap(new IdentityHashMap<>());
    for (HloInstruction instruction : computation.instructions()) {
      try {
        for (HloInstruction operand : instruction.operands()) {
          require(before.contains(operand), "uses %s before it is computed", operand);
        }
        verify(instruction, collectives);
        more.accept(instruction);
      } catch (ShapeException e) {
        throw new VerificationException(
            "computation %s: %s: %s".formatted(computation.name(), instruction, e.getMessage()));
      }
      before.add(instruction);
      open.addAll(instruction.op().called());
    }
  }

  private static void verify(HloInstruction instruction, CollectiveRules collectives) {
    List<Shape> shapes = new ArrayList<>(instruction.operands().size());
    for (HloInstruction operand : instruction.operands()) {
      shapes.add(operand.shape());
    }
    Shape inferred = ShapeInference.infer(instruction.op(), List.copyOf(shapes));
    require(inferred.equals(instruction.shape()), "has the shape %s by its operands", inferred);
    if (instruction.op() instanceof CollectiveOp collective) {
      collectives.check(collective, instruction);
    }
    if (instruction.op() instanceof ControlOp.Fusion(String _, HloComputation fused)) {
      requireFused(fused);
    }
  }

  /** Checks that everything in a fusion serves its root, and that nothing uses the root. */
  private static void requireFused(HloComputation fused) {
    Set<HloInstruction> used = Collections.newSetFromMap(new IdentityHashMap<>());
    fused.instructions().forEach(x -> used.addAll(x.operands()));
    require(!used.contains(fused.root()), "the root of %s has users", fused.name());
    for (HloInstruction x : fused.instructions()) {
      boolean effect = x.op() instanceof ControlOp.CustomCall custom && custom.sideEffect();
      require(
          x == fused.root() || effect || used.contains(x),
          "%s in %s has no users; leave it out",
          x,
          fused.name());
    }
  }

  // ---- the module as a whole --------------------------------------------------------------------

  private static void inModule(HloModule module, Runnable check) {
    try {
      check.run();
    } catch (ShapeException e) {
      throw new VerificationException("module %s: %s".formatted(module.name(), e.getMessage()));
    }
  }

  private static void requireDevices(HloModule module) {
    require(!module.name().isEmpty(), "a module has a name");
    require(
        module.replicas() >= 1
            && module.partitions() >= 1
            && Math.multiplyFull(module.replicas(), module.partitions()) <= Integer.MAX_VALUE,
        "%s replicas of %s partitions are no number of devices",
        module.replicas(),
        module.partitions());
  }

  private static void requireAliases(HloModule module) {
    List<Shape> parameters = module.parameterShapes();
    List<Shape> outputs = module.outputShapes();
    Set<Integer> donated = new HashSet<>();
    Set<Integer> taken = new HashSet<>();
    for (InputOutputAlias alias : module.aliases()) {
      require(
          alias.output() >= 0
              && alias.output() < outputs.size()
              && alias.parameter() >= 0
              && alias.parameter() < parameters.size(),
          "%s names an output of %s or a parameter of %s that is not there",
          alias,
          outputs.size(),
          parameters.size());
      Shape output = outputs.get(alias.output());
      require(
          output instanceof ArrayShape && output.equals(parameters.get(alias.parameter())),
          "output %s is %s and cannot take over parameter %s, which is %s",
          alias.output(),
          output,
          alias.parameter(),
          parameters.get(alias.parameter()));
      require(
          donated.add(alias.parameter()) && taken.add(alias.output()),
          "%s aliases something a second time",
          alias);
    }
  }
}
